"""Scores that are drawn have the rank correlations and the tails of their copula.

Closed forms: Nelsen, An Introduction to Copulas (2nd ed., Springer 2006), chapter 5; McNeil, Frey
and Embrechts, Quantitative Risk Management (revised ed., Princeton 2015), chapter 7. A statistic is
taken of each of 32 blocks, and its mean must be within five of its standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, special, stats

from engines.prism.dependence.copulas import (
    ClaytonCopula,
    Copula,
    Correlation,
    CorrelationMeasure,
    FrankCopula,
    GaussianCopula,
    GumbelCopula,
    StudentTCopula,
)
from engines.prism.dependence.rank_correlation import kendall_of_frank
from engines.prism.dependence.score_draws import ScoreDraws, ScoreTables
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS

BLOCKS = 32


def every_pair(of: float, *, measure: str = "pearson", size: int = 3) -> Correlation:
    """The same correlation between all."""
    rows = np.full((size, size), of) + (1 - of) * np.eye(size)
    return Correlation(matrix=tuple(map(tuple, rows.tolist())), measure=CorrelationMeasure(measure))


def drawn(copula: Copula, *, scenarios: int = 3, seed: int = 5) -> np.ndarray:
    """Blocks of scores: (blocks, scenarios, years)."""
    draws = ScoreDraws(ScoreTables.of(copula), scenarios=scenarios, seed=seed)
    return np.array([draws.block(block).copy() for block in range(BLOCKS)])


def assert_mean(statistics: list[float], expected: float) -> None:
    """Within five standard errors, which the spread of the blocks gives."""
    error = np.std(statistics, ddof=1) / math.sqrt(len(statistics))

    assert np.mean(statistics) == pytest.approx(expected, abs=5 * error)


COPULAS: list[tuple[Copula, float]] = [
    (GaussianCopula(every_pair(0.0)), 0.0),
    (GaussianCopula(every_pair(0.6)), 2 / math.pi * math.asin(0.6)),
    (GaussianCopula(every_pair(-0.4)), 2 / math.pi * math.asin(-0.4)),
    (GaussianCopula(every_pair(0.3, measure="kendall")), 0.3),
    (StudentTCopula(correlation=every_pair(0.5), degrees_of_freedom=3), 1 / 3),
    (StudentTCopula(correlation=every_pair(0.3, measure="kendall"), degrees_of_freedom=1), 0.3),
    (ClaytonCopula(0.001), 0.001 / 2.001),
    (ClaytonCopula(2.0), 0.5),
    (ClaytonCopula(20.0), 20 / 22),
    (GumbelCopula(1.0), 0.0),
    (GumbelCopula(1.5), 1 / 3),
    (GumbelCopula(20.0), 0.95),
    (FrankCopula(0.001), kendall_of_frank(0.001)),
    (FrankCopula(5.0), kendall_of_frank(5.0)),
    (FrankCopula(35.0), kendall_of_frank(35.0)),
]  # fmt: skip


@pytest.mark.parametrize(("copula", "kendall"), COPULAS)
def test_kendalls_correlation_is_the_copulas(copula: Copula, kendall: float) -> None:
    """Of the first pair and of the last, and every scenario alone is standard normal."""
    blocks = drawn(copula)

    for one, other in ((0, 1), (2, 1)):
        found = [stats.kendalltau(block[one], block[other]).statistic for block in blocks]
        assert_mean(found, kendall)
    for scores in blocks.transpose(1, 0, 2):
        for moment, expected in ((1, 0), (2, 1), (3, 0), (4, 3)):
            assert_mean([float((block**moment).mean()) for block in scores], expected)


@pytest.mark.parametrize("correlation", [-0.45, 0.2, 0.9])
def test_spearmans_correlation_of_normals(correlation: float) -> None:
    """6 / pi asin(r / 2), less the bias of a sample of n: 3 (rho_S - tau) / (n + 1)."""
    blocks = drawn(GaussianCopula(every_pair(correlation)))
    spearman = 6 / math.pi * math.asin(correlation / 2)
    bias = 3 * (spearman - 2 / math.pi * math.asin(correlation)) / (BLOCK_TRIALS + 1)

    assert_mean([stats.spearmanr(b[0], b[1]).statistic for b in blocks], spearman - bias)


def test_a_spearman_matrix_gives_its_spearman_correlations() -> None:
    """Different ones for different pairs, through 2 sin(pi rho / 6)."""
    rows = ((1.0, 0.7, -0.2), (0.7, 1.0, 0.1), (-0.2, 0.1, 1.0))
    correlation = Correlation(matrix=rows, measure=CorrelationMeasure.SPEARMAN)
    blocks = drawn(GaussianCopula(correlation))

    for one, other in ((0, 1), (0, 2), (1, 2)):
        found = [stats.spearmanr(block[one], block[other]).statistic for block in blocks]
        assert_mean(found, rows[one][other])


def t_diagonal(q: float, correlation: float, freedom: float) -> float:
    """C(q, q) of the t copula, integrating the conditional distribution."""
    x = special.stdtrit(freedom, q)

    def density(t: float) -> float:
        width = math.sqrt((freedom + t * t) * (1 - correlation**2) / (freedom + 1))
        inside = special.stdtr(freedom + 1, (x - correlation * t) / width)
        return float(stats.t.pdf(t, freedom) * inside)

    return float(integrate.quad(density, -math.inf, x, epsrel=1e-10)[0])


def gaussian_diagonal(q: float, correlation: float) -> float:
    """C(q, q) of the Gaussian copula."""
    x = special.ndtri(q)
    return float(stats.multivariate_normal.cdf([x, x], cov=[[1, correlation], [correlation, 1]]))


def frank_diagonal(q: float, theta: float) -> float:
    """C(q, q) of Frank's copula."""
    return -math.log1p(math.expm1(-theta * q) ** 2 / math.expm1(-theta)) / theta


DIAGONALS: list[tuple[Copula, Callable[[float], float]]] = [
    (GaussianCopula(every_pair(0.6)), lambda q: gaussian_diagonal(q, 0.6)),
    (
        StudentTCopula(correlation=every_pair(0.6), degrees_of_freedom=3),
        lambda q: t_diagonal(q, 0.6, 3),
    ),
    (ClaytonCopula(2.0), lambda q: (2 * q**-2.0 - 1) ** -0.5),
    (GumbelCopula(1.5), lambda q: q ** (2 ** (1 / 1.5))),
    (FrankCopula(5.0), lambda q: frank_diagonal(q, 5.0)),
]


@pytest.mark.parametrize("q", [0.01, 0.1, 0.9, 0.99])
@pytest.mark.parametrize(("copula", "diagonal"), DIAGONALS)
def test_both_are_low_as_often_as_the_copula_says(
    copula: Copula, diagonal: Callable[[float], float], q: float
) -> None:
    """P(U <= q, V <= q) = C(q, q), in the body and in both tails."""
    below = drawn(copula) <= special.ndtri(q)

    assert_mean([float((block[0] & block[2]).mean()) for block in below], diagonal(q))


def test_the_diagonals_have_the_tail_dependence_of_print() -> None:
    """2^(-1/theta) below for Clayton, 2 - 2^(1/theta) above for Gumbel, t's in both tails."""
    clayton, gumbel, t = DIAGONALS[2][1], DIAGONALS[3][1], DIAGONALS[1][1]
    near = 1 - 1e-6
    of_t = 2 * special.stdtr(4, -math.sqrt(4 * (1 - 0.6) / (1 + 0.6)))

    assert clayton(1e-6) / 1e-6 == pytest.approx(2**-0.5)
    assert (1 - 2 * near + gumbel(near)) / (1 - near) == pytest.approx(2 - 2 ** (1 / 1.5), rel=1e-4)
    assert t(1e-7) / 1e-7 == pytest.approx(of_t, rel=1e-2)


def test_a_negative_frank_copula_opposes_two() -> None:
    """Kendall's correlation turns its sign."""
    blocks = drawn(FrankCopula(-5.0), scenarios=2)
    found = [stats.kendalltau(*block).statistic for block in blocks]

    assert_mean(found, -kendall_of_frank(5.0))


def test_perfect_correlation_gives_one_score_to_all() -> None:
    """And an opposite one to an opposed scenario."""
    signs = np.array([1.0, 1.0, -1.0])
    rows = tuple(map(tuple, np.outer(signs, signs).tolist()))
    copula = GaussianCopula(Correlation(matrix=rows, measure=CorrelationMeasure.PEARSON))
    scores = drawn(copula)[0]

    assert (scores == signs[:, None] * scores[0]).all()


def test_a_scenarios_scores_do_not_depend_on_how_many_follow() -> None:
    """Each has its own stream: one more scenario leaves the others' years alone."""
    few = drawn(ClaytonCopula(2.0), scenarios=2)
    more = drawn(ClaytonCopula(2.0), scenarios=4)

    assert (few == more[:, :2]).all()


def test_another_seed_gives_other_scores() -> None:
    """And the same seed the same."""
    copula = GumbelCopula(2.0)

    assert (drawn(copula, seed=1) == drawn(copula, seed=1)).all()
    assert (drawn(copula, seed=1) != drawn(copula, seed=2)).mean() > 0.99
