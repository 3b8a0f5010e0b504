"""The tables of scores say what the copulas' formulas say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from engines.prism.dependence.copulas import ClaytonCopula, FrankCopula, GumbelCopula
from engines.prism.dependence.frailty import (
    log_exponential,
    log_gamma,
    log_stable_factor,
    logarithmic_scale,
)
from engines.prism.dependence.score_link import (
    HIGHEST_SCORE,
    Archimedean,
    archimedean_link,
    student_t_link,
)
from engines.prism.dependence.scores import logarithm, score_archimedean, score_student_t

BLOCK = 20_000
uniform = np.random.default_rng(3).random


def psi(copula: Archimedean, x: np.ndarray) -> np.ndarray:
    """Nelsen, An Introduction to Copulas (2nd ed., Springer 2006), table 4.1: 1, 4 and 5."""
    match copula:
        case ClaytonCopula(theta):
            return (1 + x) ** (-1 / theta)
        case GumbelCopula(theta):
            return np.exp(-(x ** (1 / theta)))
        case FrankCopula(theta):
            return -np.log(1 - (1 - math.exp(-theta)) * np.exp(-x)) / theta


@pytest.mark.parametrize("freedom", [1.0, 2.5, 4.0, 30.0, 1000.0])
def test_a_t_value_has_the_score_of_its_rank(freedom: float) -> None:
    """On both sides, to two millionths, far out and near zero."""
    t = np.concatenate([np.linspace(-9, 9, 9999), np.geomspace(1e-9, 1e9, 9999)])
    scores = np.sign(t)[None, :].copy()
    score_student_t(scores, np.abs(t), student_t_link(freedom), np.empty(t.size))
    expected = special.ndtri(special.stdtr(freedom, -np.abs(t)))
    expected = np.sign(t) * np.minimum(-expected, HIGHEST_SCORE)
    inside = np.abs(expected) < 8

    assert np.abs(scores[0] - expected)[inside].max() < 2.2e-6
    assert np.abs(scores).max() <= HIGHEST_SCORE


@pytest.mark.parametrize(
    "copula",
    [
        ClaytonCopula(0.001), ClaytonCopula(2), ClaytonCopula(5), ClaytonCopula(20),
        GumbelCopula(1), GumbelCopula(2), GumbelCopula(20),
        FrankCopula(0.001), FrankCopula(5), FrankCopula(20),
    ],
)  # fmt: skip
def test_an_archimedean_value_has_the_score_of_its_rank(copula: Archimedean) -> None:
    """psi of every x whose rank is not within a millionth of 0 or 1."""
    link = archimedean_link(copula)
    x = np.linspace(link.start, link.start + (link.nodes.size - 1) / link.per_unit, 9999)
    scores = x[None, :].copy()
    score_archimedean(scores, np.zeros(x.size), link.start, link.per_unit, link.nodes)
    expected = psi(copula, np.exp(np.minimum(x, 700)))
    inside = (expected > 1e-6) & (expected < 1 - 1e-6)

    assert special.ndtr(scores[0][inside]) == pytest.approx(expected[inside], abs=3e-6)
    assert (np.diff(scores[0]) < 0).all()
    assert scores[0][[0, -1]] == pytest.approx([HIGHEST_SCORE, -HIGHEST_SCORE])


@pytest.mark.parametrize("theta", [0.5, 2.0, 20.0])
def test_claytons_frailty_is_gamma(theta: float) -> None:
    """Its logarithm, from both ends, where scipy's quantile can still be represented."""
    p = np.geomspace(1e-13, 0.5, 50)
    shape = 1 / theta
    known = stats.gamma.ppf(p, shape) > 1e-280

    assert log_gamma(shape, p, upper=False)[known] == pytest.approx(
        np.log(stats.gamma.ppf(p[known], shape)), rel=1e-9
    )
    assert log_gamma(shape, p, upper=True) == pytest.approx(np.log(stats.gamma.isf(p, shape)))


def test_claytons_frailty_has_a_logarithm_below_the_smallest_double() -> None:
    """At shape 0.05 its quantile at 1e-18 is 1e-360: the logarithm goes on in a straight line."""
    p = np.array([1e-18, 1e-17, 1e-16])

    assert np.diff(log_gamma(0.05, p, upper=False)) == pytest.approx([20 * math.log(10)] * 2)


@pytest.mark.parametrize("theta", [1.0, 1.5, 3.0])
def test_gumbels_frailty_has_the_laplace_transform(theta: float) -> None:
    """E exp(-s V) = exp(-s^(1/theta)), within five standard errors."""
    p, upper = uniform(BLOCK) / 2, uniform(BLOCK) < 0.5
    factor = np.where(
        upper, log_stable_factor(theta, p, upper=True), log_stable_factor(theta, p, upper=False)
    )
    frailty = np.exp(factor) / (-np.log(uniform(BLOCK))) ** (theta - 1)
    for s in (0.1, 1.0, 10.0):
        values = np.exp(-s * frailty)
        error = values.std() / math.sqrt(BLOCK) + 1e-12

        assert values.mean() == pytest.approx(math.exp(-(s ** (1 / theta))), abs=5 * error)


@pytest.mark.parametrize("theta", [0.1, 3.0, 30.0])
def test_franks_frailty_is_logarithmic(theta: float) -> None:
    """P(V = n) of the logarithmic distribution for small n, within five standard errors."""
    p, upper = uniform(BLOCK) / 2, uniform(BLOCK) < 0.5
    scale = np.where(
        upper, logarithmic_scale(theta, p, upper=True), logarithmic_scale(theta, p, upper=False)
    )
    frailty = 1 + np.floor(-np.log(uniform(BLOCK)) * scale)
    for n in (1, 2, 5):
        expected = stats.logser.pmf(n, -math.expm1(-theta))
        error = math.sqrt(expected * (1 - expected) / BLOCK)

        assert (frailty == n).mean() == pytest.approx(expected, abs=5 * error)


def test_exponentials_are_taken_from_both_ends() -> None:
    """With their digits: log of p below, log of -log p above."""
    p = np.array([1e-15, 0.5])

    assert log_exponential(p, upper=False) == pytest.approx([math.log(1e-15), -0.36651292058])
    assert log_exponential(p, upper=True) == pytest.approx(
        [math.log(34.538776394911), -0.366512921]
    )


def test_logarithms_without_the_library_are_logarithms() -> None:
    """To 1e-8 from 1 to 1e16; whole powers of two exactly on a node."""
    values = np.geomspace(1, 1e16, 5000)
    logs = values.copy()
    logarithm(logs, np.log1p(np.arange(4097) / 4096))

    assert np.abs(logs - np.log(values)).max() < 1e-8
