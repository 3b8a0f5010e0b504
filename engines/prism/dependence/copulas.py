"""How scenarios depend on each other: the copulas there are, and what they are stated by.

A copula is the distribution of the ranks of several variables, whatever each of them is alone
(Sklar's theorem: Nelsen, An Introduction to Copulas, 2nd ed., Springer 2006, theorem 2.10.9). So
every scenario keeps the annual loss, or the number of events, that it has by itself.

Years without a loss are all of one rank: where many years have none, the rank correlation of the
losses themselves is weaker than that of the copula, which is the one that is asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.dependence.correlation_matrix import (
    Floats,
    NearestCorrelation,
    check_positive_semidefinite,
    correlation_matrix,
    nearest_correlation,
)
from engines.prism.dependence.rank_correlation import pearson_of_kendall, pearson_of_spearman
from engines.progress import Progress, unreported

MAX_DENSE: Final = 100
"""Scenarios joined at once; the work a year grows with the square of it."""
DEGREES_OF_FREEDOM: Final = (1.0, 1000.0)
"""At 1 it is Cauchy's, at 1000 the Gaussian to the third digit."""
CLAYTON_THETA: Final = (0.001, 20.0)
"""Kendall 0.0005 to 0.91. Below it is independence; above, its table of scores is too coarse."""
GUMBEL_THETA: Final = (1.0, 20.0)
"""Kendall 0 to 0.95. There is no copula below; above, its table of scores is too coarse."""
FRANK_THETA: Final = (0.001, 35.0)
"""Kendall 0.0001 to 0.89. Above, 1 - exp(-theta) loses its digits."""


class CorrelationMeasure(StrEnum):
    """What the entries of a correlation matrix are."""

    PEARSON = "pearson"
    """The correlations of the normal (or t) variables inside the copula, not of the losses."""
    SPEARMAN = "spearman"
    """Of ranks, and so a copula's own. Exact for the Gaussian copula, refused for the t copula,
    for which no closed form is known."""
    KENDALL = "kendall"
    """Concordant pairs less discordant ones, as shares. Exact for the Gaussian and t copulas."""


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """A correlation for every pair of scenarios, in the portfolio's order.

    Impossible entries are refused by their place; so are entries that contradict each other, with
    the smallest eigenvalue, unless `repair` is asked for.
    """

    matrix: tuple[tuple[float, ...], ...]
    measure: CorrelationMeasure
    repair: bool = False
    """Whether contradictory entries become the nearest possible ones; how far is reported."""

    def __post_init__(self) -> None:
        if not 1 <= len(self.matrix) <= MAX_DENSE:
            expected = f"from 1 to {MAX_DENSE} rows"
            raise InvalidInput("matrix", expected=expected, received=len(self.matrix))
        inside = self._inside()
        if not self.repair:
            check_positive_semidefinite(inside)

    def inside(self, *, progress: Progress = unreported) -> NearestCorrelation:
        """Give the correlations inside the copula, repaired, and how far that moved them."""
        inside = self._inside()
        if not self.repair:
            return NearestCorrelation(inside, 0.0)
        return nearest_correlation(inside, progress=progress)

    def _inside(self) -> Floats:
        matrix = correlation_matrix(self.matrix, size=len(self.matrix))
        match self.measure:
            case CorrelationMeasure.SPEARMAN:
                matrix = pearson_of_spearman(matrix)
            case CorrelationMeasure.KENDALL:
                matrix = pearson_of_kendall(matrix)
        # The sine of a right angle is 1 to rounding only.
        np.fill_diagonal(matrix, 1)
        return matrix


@dataclass(frozen=True)
class GaussianCopula:
    """That of correlated normals. In the far tails it is independence.

    Source: McNeil, Frey and Embrechts, Quantitative Risk Management (revised ed., Princeton 2015),
    section 7.1.
    """

    correlation: Correlation


@dataclass(frozen=True, kw_only=True)
class StudentTCopula:
    """That of correlated t variables: bad years come together, and so do good ones.

    Its tail dependence is 2 t_(v+1)(-sqrt((v + 1)(1 - r) / (1 + r))): McNeil, Frey and Embrechts,
    Quantitative Risk Management (revised ed., Princeton 2015), section 7.3.
    """

    correlation: Correlation
    degrees_of_freedom: float

    def __post_init__(self) -> None:
        _check("degrees_of_freedom", self.degrees_of_freedom, DEGREES_OF_FREEDOM)
        if self.correlation.measure is CorrelationMeasure.SPEARMAN:
            raise InvalidInput(
                "correlation.measure",
                expected="kendall or pearson: a t copula has no closed form of Spearman's",
                received="spearman",
            )


# The Archimedean copulas: C(u) = psi(sum of phi(u_k)) with a generator phi and its inverse psi, the
# same for every pair. Nelsen (2006), table 4.1, families 1, 4 and 5, and section 4.6.


@dataclass(frozen=True)
class ClaytonCopula:
    """Good years come together, bad ones do not: lower tail dependence 2^(-1/theta).

    psi(x) = (1 + x)^(-1/theta); Kendall's correlation is theta / (theta + 2).
    """

    theta: float

    def __post_init__(self) -> None:
        _check("theta", self.theta, CLAYTON_THETA)


@dataclass(frozen=True)
class GumbelCopula:
    """Bad years come together: upper tail dependence 2 - 2^(1/theta).

    psi(x) = exp(-x^(1/theta)); Kendall's correlation is 1 - 1 / theta.
    """

    theta: float

    def __post_init__(self) -> None:
        _check("theta", self.theta, GUMBEL_THETA)


@dataclass(frozen=True)
class FrankCopula:
    """Dependence in the middle, none in the tails.

    psi(x) = -log(1 - (1 - exp(-theta)) exp(-x)) / theta; Kendall's correlation is
    1 - 4 (1 - D1(theta)) / theta with Debye's function D1. A negative theta joins no more than two
    scenarios, as the positive one does the first and the reverse of the second:
    C_-theta(u, v) = u - C_theta(u, 1 - v).
    """

    theta: float

    def __post_init__(self) -> None:
        _check("theta", abs(self.theta), FRANK_THETA, received=self.theta)


Copula = GaussianCopula | StudentTCopula | ClaytonCopula | GumbelCopula | FrankCopula


class Dependent(StrEnum):
    """What of the scenarios the copula joins."""

    ANNUAL_LOSS = "annualLoss"
    """The year's losses."""
    FREQUENCY = "frequency"
    """The numbers of loss events; what each event costs stays independent of all else."""


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """A copula, and what it joins."""

    copula: Copula
    of: Dependent = Dependent.ANNUAL_LOSS

    def check_size(self, scenarios: int) -> None:
        """Raise `InvalidInput` where so many scenarios cannot be joined by this copula."""
        match self.copula:
            case GaussianCopula(correlation) | StudentTCopula(correlation=correlation):
                rows = len(correlation.matrix)
                if rows != scenarios:
                    raise InvalidInput(
                        "dependence.copula.correlation.matrix",
                        expected=f"a row for each of the {scenarios} scenarios",
                        received=f"{rows} rows",
                    )
            case FrankCopula(theta) if theta < 0 and scenarios > 2:
                raise InvalidInput(
                    "dependence.copula.theta",
                    expected="a positive one: three or more cannot all be opposed to each other",
                    received=theta,
                )
        if scenarios > MAX_DENSE:
            raise InvalidInput(
                "scenarios", expected=f"at most {MAX_DENSE} that depend on each other",
                received=scenarios,
            )  # fmt: skip


def _check(
    field: str, value: float, limits: tuple[float, float], *, received: float | None = None
) -> None:
    low, high = limits
    # Negated, so that NaN is refused.
    if not low <= value <= high:
        expected = f"from {low:g} to {high:g}"
        given = value if received is None else received
        raise InvalidInput(field, expected=expected, received=given)
