"""The variables of copulas have their distributions, by quantiles, transforms and masses."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import pytest
from scipy import stats

from engines.prism.dependence.copula_variables import (
    Exponential,
    LogarithmicScale,
    LogExponential,
    LogGamma,
    LogStableFactor,
    StudentTScale,
)

DRAWS = 20_000
uniform = np.random.default_rng(3).random
TAILS = np.geomspace(1e-13, 0.5, 50)


class Quantiles(Protocol):
    def quantile(self, p: np.ndarray) -> np.ndarray: ...
    def upper_quantile(self, p: np.ndarray) -> np.ndarray: ...


def drawn(from_: Quantiles) -> np.ndarray:
    """Variates by inversion, from both halves."""
    tails = uniform(DRAWS) / 2
    return np.where(uniform(DRAWS) < 0.5, from_.quantile(tails), from_.upper_quantile(tails))


@pytest.mark.parametrize("theta", [0.5, 2.0, 20.0])
def test_claytons_frailty_is_gamma(theta: float) -> None:
    """Its logarithm, from both ends, where scipy's quantile can still be represented."""
    gamma = LogGamma(1 / theta)
    quantile = stats.gamma.ppf(TAILS, 1 / theta)
    known = quantile > 1e-280
    upper = np.log(stats.gamma.isf(TAILS, 1 / theta))

    assert gamma.quantile(TAILS)[known] == pytest.approx(np.log(quantile[known]), rel=1e-9)
    assert gamma.upper_quantile(TAILS) == pytest.approx(upper)


def test_claytons_frailty_has_a_logarithm_below_the_smallest_double() -> None:
    """At shape 0.05 its quantile at 1e-18 is 1e-360: the logarithm goes on in a straight line."""
    quantiles = LogGamma(0.05).quantile(np.array([1e-18, 1e-17, 1e-16]))

    assert np.diff(quantiles) == pytest.approx([20 * math.log(10)] * 2)


@pytest.mark.parametrize("theta", [1.0, 1.5, 3.0])
def test_gumbels_frailty_has_the_laplace_transform(theta: float) -> None:
    """E exp(-s V) = exp(-s^(1/theta)), within five standard errors."""
    frailty = np.exp(drawn(LogStableFactor(theta))) / drawn(Exponential()) ** (theta - 1)
    for s in (0.1, 1.0, 10.0):
        values = np.exp(-s * frailty)
        error = values.std() / math.sqrt(DRAWS) + 1e-12

        assert values.mean() == pytest.approx(math.exp(-(s ** (1 / theta))), abs=5 * error)


@pytest.mark.parametrize("theta", [0.1, 3.0, 30.0])
def test_franks_frailty_is_logarithmic(theta: float) -> None:
    """P(V = n) of the logarithmic distribution for small n, within five standard errors."""
    frailty = 1 + np.floor(drawn(Exponential()) * drawn(LogarithmicScale(theta)))
    for n in (1, 2, 5):
        expected = stats.logser.pmf(n, -math.expm1(-theta))
        error = math.sqrt(expected * (1 - expected) / DRAWS)

        assert (frailty == n).mean() == pytest.approx(expected, abs=5 * error)


def test_franks_scale_keeps_its_digits_at_both_ends() -> None:
    """Near u = 0 it is -1 / log(theta u); at u = 1 and theta = 35 it is exp(35)."""
    scale = LogarithmicScale(35.0)

    assert scale.quantile(np.array([1e-15])) == pytest.approx([-1 / math.log(35e-15)])
    assert scale.upper_quantile(np.array([1e-15])) == pytest.approx([math.exp(35)])


@pytest.mark.parametrize("freedom", [1.0, 4.0, 300.0])
def test_the_scale_of_t_is_that_of_a_chi_square(freedom: float) -> None:
    """From both ends, against scipy."""
    scale = StudentTScale(freedom)
    expected = np.sqrt(freedom / stats.chi2.isf(TAILS, freedom))
    upper = np.sqrt(freedom / stats.chi2.ppf(TAILS, freedom))

    assert scale.quantile(TAILS) == pytest.approx(expected, rel=1e-9)
    assert scale.upper_quantile(TAILS) == pytest.approx(upper, rel=1e-9)


def test_exponentials_keep_their_digits_at_both_ends() -> None:
    """p itself below, -log p above; and their logarithms."""
    p = np.array([1e-15])

    assert Exponential().quantile(p) == pytest.approx([1e-15], rel=1e-14)
    assert Exponential().upper_quantile(p) == pytest.approx([15 * math.log(10)], rel=1e-14)
    assert LogExponential().quantile(p) == pytest.approx([-15 * math.log(10)], rel=1e-14)
    assert LogExponential().upper_quantile(p) == pytest.approx([3.5420826464], rel=1e-9)
