"""Pearson's, Spearman's and Kendall's correlations: printed examples, independent code, laws."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engines.errors import Stopped
from engines.prism.correlation_analysis.aligned_series import AlignedSeries, Floats, aligned_series
from engines.prism.correlation_analysis.pair_correlation import (
    Measure,
    correlation,
    interval,
    pair_correlations,
)

MEASURES: tuple[Measure, ...] = get_args(Measure)
every_measure = pytest.mark.parametrize("measure", MEASURES)

LIGHTNESS = np.array([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1])
PANEL = np.array([2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8])
"""Tuna, by an instrument and by a panel: Hollander and Wolfe, Nonparametric Statistical Methods
(Wiley 1973), chapter 8; the example of R's cor.test, whose output is what is compared with."""


def sample(columns: int, *, rows: int = 40, seed: int = 0, ties: bool = False) -> Floats:
    random = np.random.default_rng(seed)
    values = random.standard_normal((rows, columns)) + random.standard_normal((rows, 1))
    return np.asarray(values.round(0 if ties else 12))


def series(values: Floats) -> AlignedSeries:
    names = [f"s{index}" for index in range(values.shape[1])]
    return aligned_series(names, values.T.tolist())


def test_the_tuna_is_as_printed() -> None:
    """Kendall: tau 0.4444444, exact p 0.1194. Pearson: r 0.5711816, p 0.1082, and its interval."""
    tau, tau_p = correlation(LIGHTNESS, PANEL, "kendall")
    r, r_p = correlation(LIGHTNESS, PANEL, "pearson")
    limits = interval(np.array(r), np.array(9), "pearson")

    assert (round(tau, 7), round(tau_p, 4)) == (0.4444444, 0.1194)
    assert (round(r, 7), round(r_p, 4)) == (0.5711816, 0.1082)
    assert [round(float(limit), 7) for limit in limits] == [-0.1497426, 0.8955795]


def test_fishers_interval() -> None:
    """By hand: r 0.5 of 28 rows is z 0.5493 +- 1.96 / 5, so 0.156 to 0.736."""
    limits = interval(np.array([0.5]), np.array([28]), "pearson")

    assert [round(float(limit[0]), 3) for limit in limits] == [0.156, 0.736]


@pytest.mark.parametrize("ties", [False, True])
def test_pearson_and_spearman_agree_with_scipy(ties: bool) -> None:
    """Value, p-value and Fisher's interval, by code that shares nothing with ours."""
    x, y = sample(2, rows=25, seed=7, ties=ties).T
    theirs = stats.pearsonr(x, y)
    value, p_value = correlation(x, y, "pearson")

    limits = interval(np.array(value), np.array(25), "pearson")
    assert (value, p_value) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-10)
    assert [float(limit) for limit in limits] == pytest.approx(theirs.confidence_interval(0.95))
    assert correlation(x, y, "spearman") == pytest.approx(stats.spearmanr(x, y), rel=1e-10)


@every_measure
def test_intervals_cover(measure: Measure) -> None:
    """Of 2,000 samples of 30 normal pairs at 0.6, 93% to 97% of the intervals hold the truth.

    Spearman's true value here is (6 / pi) arcsin(0.3), Kendall's (2 / pi) arcsin(0.6).
    """
    truth = {
        "pearson": 0.6,
        "spearman": 6 / np.pi * np.arcsin(0.3),
        "kendall": 2 / np.pi * np.arcsin(0.6),
    }[measure]
    draws = np.random.default_rng(11).multivariate_normal(
        [0, 0], [[1, 0.6], [0.6, 1]], size=(2000, 30)
    )
    values = np.array([correlation(*pair.T, measure)[0] for pair in draws])
    lower, upper = interval(values, np.full(2000, 30), measure)

    assert 0.93 < np.mean((lower <= truth) & (truth <= upper)) < 0.97


@every_measure
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_a_correlation_belongs_to_the_pair(measure: Measure, seed: int) -> None:
    """Swapping the two or reordering rows changes nothing; turning one over changes the sign."""
    x, y = sample(2, seed=seed, ties=True).T
    order = np.random.default_rng(seed).permutation(len(x))
    value, p_value = correlation(x, y, measure)

    assert correlation(y, x, measure) == pytest.approx((value, p_value))
    assert correlation(x[order], y[order], measure) == pytest.approx((value, p_value))
    assert correlation(-x, y, measure) == pytest.approx((-value, p_value))
    assert abs(value) <= 1


@pytest.mark.parametrize("measure", ["spearman", "kendall"])
def test_rank_correlations_see_ranks_only(measure: Measure) -> None:
    """A growing function of a series changes nothing at all."""
    x, y = sample(2, seed=3).T

    assert correlation(np.exp(x), y**3, measure) == correlation(x, y, measure)


def test_pearson_is_of_any_scale() -> None:
    """Units and offsets change nothing, from cents to the largest amounts."""
    x, y = sample(2, seed=4).T
    expected = correlation(x, y, "pearson")

    assert correlation(1e-200 * x, 1e200 * y, "pearson") == pytest.approx(expected, rel=1e-10)
    assert correlation(1e6 + x, y, "pearson") == pytest.approx(expected, rel=1e-8)


@every_measure
def test_perfect_dependence_is_certain(measure: Measure) -> None:
    """One, with an interval of no width."""
    values = np.column_stack([np.arange(12.0), 3 * np.arange(12.0) + 1])
    pairs = pair_correlations(series(values), measure)

    assert pairs.value == pytest.approx([1])
    assert pairs.lower == pytest.approx([1], abs=1e-4)
    assert pairs.upper == pytest.approx([1])
    assert pairs.p_value[0] < 1e-6


@every_measure
def test_all_pairs_are_measured(measure: Measure) -> None:
    """In a matrix that is one on the diagonal, symmetric and possible."""
    pairs = pair_correlations(series(sample(5, seed=9)), measure)
    matrix = pairs.matrix

    assert len(pairs.value) == 10
    assert np.array_equal(matrix, matrix.T)
    assert np.diag(matrix).tolist() == [1] * 5
    assert np.linalg.eigvalsh(matrix)[0] > 0
    assert (pairs.adjusted_p_value >= pairs.p_value).all()
    assert pairs.observations.tolist() == [40] * 10


def test_many_pairs_of_noise_are_not_called_dependent() -> None:
    """Of 780 pairs of unrelated series some fall below 0.05; after adjustment, none does."""
    noise = np.random.default_rng(2).standard_normal((60, 40))
    pairs = pair_correlations(series(noise), "pearson")

    assert 15 < np.count_nonzero(pairs.p_value < 0.05) < 70
    assert np.count_nonzero(pairs.adjusted_p_value < 0.05) == 0


def test_the_analysis_can_be_stopped() -> None:
    """It asks at every pair whether it should go on."""

    def stop(fraction: float, message: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        pair_correlations(series(sample(3)), "kendall", progress=stop)
