"""Shrunk correlations: always possible, closer to the truth with few rows."""

from __future__ import annotations

import numpy as np
import pytest

from engines.prism.correlation_analysis.aligned_series import aligned_series
from engines.prism.correlation_analysis.shrinkage import ShrunkCorrelation, shrunk_correlation

NAMES = [f"s{index}" for index in range(30)]


def shrunk(rows: int, *, scale: float = 1.0) -> tuple[ShrunkCorrelation, np.ndarray]:
    random = np.random.default_rng(rows)
    values = random.standard_normal((rows, 30)) + random.standard_normal((rows, 1))
    columns = (values * scale ** np.arange(30)).T.tolist()
    return shrunk_correlation(aligned_series(NAMES, columns)), np.corrcoef(values.T)


def test_fewer_rows_than_series_still_give_a_definite_matrix() -> None:
    """Pearson's matrix is singular there."""
    answer, pearson = shrunk(20)

    assert np.linalg.eigvalsh(pearson)[0] < 1e-10
    assert np.linalg.eigvalsh(answer.matrix)[0] > 0.01
    assert np.diag(answer.matrix).tolist() == [1] * 30


def test_every_correlation_is_drawn_to_zero_alike() -> None:
    """Off the diagonal the matrix is Pearson's times one less the shrinkage."""
    answer, pearson = shrunk(60)

    expected = (1 - answer.shrinkage) * pearson + answer.shrinkage * np.eye(30)
    assert answer.matrix == pytest.approx(expected, abs=1e-12)


def test_the_shrunk_matrix_is_nearer_to_the_truth() -> None:
    """Of unrelated series, Pearson's matrix of 20 rows is mostly noise; most of it is gone."""
    values = np.random.default_rng(4).standard_normal((20, 30))
    answer = shrunk_correlation(aligned_series(NAMES, values.T.tolist()))

    error = np.linalg.norm(np.corrcoef(values.T) - np.eye(30))
    assert np.linalg.norm(answer.matrix - np.eye(30)) < 0.2 * error


def test_more_rows_are_shrunk_less() -> None:
    """Down to next to nothing."""
    shares = [shrunk(rows)[0].shrinkage for rows in (20, 200, 2000)]

    assert shares == sorted(shares, reverse=True)
    assert 0 < shares[-1] < 0.01


def test_units_are_nothing_to_it() -> None:
    """Series of scales from 1 to 10^87 have the matrix of series of one scale."""
    assert shrunk(60, scale=1e3)[0].matrix == pytest.approx(shrunk(60)[0].matrix, abs=1e-9)
