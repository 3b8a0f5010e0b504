"""Joint tails: exact cases, samples of known copulas, and the copulas compared with."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from engines.errors import InvalidInput
from engines.prism.correlation_analysis.aligned_series import Floats
from engines.prism.correlation_analysis.tail_dependence import (
    TailDependence,
    check_threshold,
    tail_dependence,
)

T_COPULA = Path(__file__).parents[3] / "reference" / "prism" / "t_copula_tail.csv"


def measure(
    x: Floats, y: Floats, *, threshold: float = 0.9, pearson: float = 0.5, freedom: float = 4
) -> TailDependence:
    tails = tail_dependence(x, y, threshold=threshold, pearson=pearson, degrees_of_freedom=freedom)
    assert tails is not None
    return tails


def test_series_that_move_as_one_are_extreme_together() -> None:
    """Always; those that move against each other, never."""
    x = np.random.default_rng(0).standard_normal(200)
    together, against = measure(x, np.exp(x)), measure(x, -x)

    assert (together.lower.value, together.upper.value, together.tail_rows) == (1, 1, 20)
    assert (against.lower.value, against.upper.value) == (0, 0)


def test_the_two_tails_are_told_apart() -> None:
    """Clayton's copula (theta 2) joins low values: 2^(-1/2) in the limit, above, nothing."""
    random = np.random.default_rng(1)
    v, w = random.uniform(size=(2, 50_000))
    u = (1 + v**-2 * (w ** (-2 / 3) - 1)) ** -0.5
    tails = measure(v, u, threshold=0.98)

    assert tails.lower.lower < 2**-0.5 < tails.lower.upper
    assert tails.upper.value < 0.2


@pytest.mark.parametrize("pearson", [-0.5, 0.0, 0.7])
def test_the_gaussian_copula_is_integrated_exactly(pearson: float) -> None:
    """As the bivariate normal distribution function has it, at the same threshold."""
    x = np.arange(100.0)
    h = stats.norm.ppf(0.9)
    joint = stats.multivariate_normal([0, 0], [[1, pearson], [pearson, 1]]).cdf([-h, -h])

    assert measure(x, x, pearson=pearson).gaussian_copula == pytest.approx(joint / 0.1, abs=1e-6)


@pytest.mark.parametrize(
    "row", list(csv.DictReader(T_COPULA.open())), ids=lambda row: row["printed"]
)
def test_the_limit_of_the_t_copula_is_as_printed(row: dict[str, str]) -> None:
    """To the two digits of the table."""
    x = np.arange(100.0)
    pearson, freedom = float(row["correlation"]), float(row["degrees_of_freedom"])

    assert f"{measure(x, x, pearson=pearson, freedom=freedom).t_copula_limit:.2f}" == row["printed"]


@pytest.mark.parametrize(("pearson", "share"), [(1.0, 1.0), (-1.0, 0.0)])
def test_the_copulas_of_perfect_dependence(pearson: float, share: float) -> None:
    """Both agree at the ends."""
    x = np.arange(100.0)
    tails = measure(x, x, pearson=pearson)

    assert tails.gaussian_copula == pytest.approx(share, abs=1e-12)
    assert tails.t_copula_limit == share


def test_the_interval_holds_the_share_of_independent_series() -> None:
    """Which is one in ten beyond the 90% quantile."""
    x, y = np.random.default_rng(5).standard_normal((2, 5000))
    upper = measure(x, y).upper

    assert upper.lower < 0.1 < upper.upper


def test_a_tail_of_too_few_rows_is_none() -> None:
    """Five rows are the least: for a pair there is none, for the request it is refused."""
    x = np.arange(49.0)

    assert tail_dependence(x, x, threshold=0.9, pearson=0, degrees_of_freedom=4) is None
    with pytest.raises(InvalidInput, match="at least 5 of 49"):
        check_threshold(0.9, rows=49)
    check_threshold(0.9, rows=50)
    assert measure(np.arange(50.0), np.arange(50.0)).tail_rows == 5


def test_limits_are_of_probabilities() -> None:
    """Whatever the pair, every share is in [0, 1] and inside its interval."""
    x, y = np.random.default_rng(8).standard_normal((2, 60))
    tails = measure(x, y, threshold=0.5)

    for share in (tails.lower, tails.upper):
        assert 0 <= share.lower <= share.value <= share.upper <= 1
    assert not math.isnan(tails.gaussian_copula)
