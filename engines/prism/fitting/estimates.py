"""Distributions that meet an expert's quantiles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import special
from scipy.optimize import least_squares

from engines.errors import InvalidInput
from engines.prism.distributions import (
    Beta,
    Distribution,
    Floats,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from engines.prism.fitting.model import DoesNotFit, FamilyName

_FURTHEST: Final = 1.0
"""Root mean square at which the quantiles are wrong by a factor of 2.7: that is no fit."""
_FAR: Final = 1e3
"""The residual of parameters that make no distribution."""
_TINY: Final = 1e-300
"""Instead of a quantile of 0 in a logarithm."""
_MOST_CUT: Final = 3.09
"""Standard deviations from a normal's location up to 0: there a thousandth of the bell is left."""
_REACH: Final = 40.0
"""Bound of every unbounded parameter: e^40 is more than any ratio of amounts here."""


@dataclass(frozen=True, kw_only=True)
class QuantileFit:
    """A distribution beside the quantiles that it should have."""

    family: FamilyName
    distribution: Distribution
    parameters: int
    """How many were free to meet them."""
    probabilities: tuple[float, ...]
    wanted: tuple[float, ...]
    fitted: tuple[float, ...]

    @property
    def root_mean_square(self) -> float:
        """Of ln(fitted / wanted), nearly the relative error; both sides weigh alike."""
        pairs = zip(self.fitted, self.wanted, strict=True)
        logs = (math.log(max(fitted, _TINY)) - math.log(wanted) for fitted, wanted in pairs)
        return math.sqrt(math.fsum(each**2 for each in logs) / len(self.wanted))

    def beside(self, probabilities: Sequence[float], values: Sequence[float]) -> QuantileFit:
        """Give the same distribution beside other quantiles than those it was fitted to."""
        fitted = self.distribution.quantile(np.asarray(probabilities, dtype=float))
        return replace(
            self,
            probabilities=tuple(probabilities),
            wanted=tuple(values),
            fitted=tuple(fitted.tolist()),
        )


@dataclass(frozen=True)
class _Search:
    """A family by parameters that may take any value, and where to begin."""

    make: Callable[..., Distribution]
    starts: Sequence[Sequence[float]]


def check_quantiles(probabilities: Sequence[float], values: Sequence[float]) -> None:
    """Refuse quantiles that no continuous distribution of positive amounts has."""
    if len(probabilities) < 2:
        raise InvalidInput("quantiles", expected="at least two", received=len(probabilities))
    if not all(0 < p < 1 for p in probabilities):
        raise InvalidInput("quantiles", expected="percents between 0 and 100", received="others")
    if not all(0 < value < math.inf for value in values):
        raise InvalidInput("quantiles", expected="values above 0", received=min(values))
    for row in (probabilities, values):
        if any(later <= earlier for earlier, later in pairwise(row)):
            expected = "percents and values that rise from one to the next"
            raise InvalidInput("quantiles", expected=expected, received="others")


def fit_quantiles(
    family: FamilyName, probabilities: Sequence[float], values: Sequence[float]
) -> QuantileFit:
    """Give the member of a family whose quantiles are nearest.

    Nearest by the squares of ln(fitted / wanted). As many quantiles as the family has parameters
    are met exactly where any member meets them. The ends of a family with ends hold all quantiles.
    Raises `DoesNotFit` for a family that has more parameters than there are quantiles.
    """
    check_quantiles(probabilities, values)
    if family not in _SEARCHES:
        raise DoesNotFit("has no quantiles to be fitted by: it is for counts")
    if family == "beta" and values[-1] >= 1:
        raise DoesNotFit("needs values between 0 and 1")
    p, wanted = np.asarray(probabilities, dtype=float), np.asarray(values, dtype=float)
    search = _SEARCHES[family](special.ndtri(p), wanted)
    free = len(search.starts[0])
    if free > len(values):
        raise DoesNotFit(f"has {free} parameters and needs as many quantiles")

    def residuals(at: Floats) -> Floats:
        try:
            found = search.make(*at.tolist()).quantile(p)
        except InvalidInput:
            return np.full_like(wanted, _FAR)
        return np.asarray(np.log(np.maximum(found, _TINY)) - np.log(wanted))

    solutions = [
        least_squares(
            residuals, np.clip(start, -_REACH + 1, _REACH - 1), bounds=(-_REACH, _REACH),
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=400,
        )
        for start in search.starts
    ]  # fmt: skip
    best = min(solutions, key=lambda solution: float(solution.cost))
    if math.sqrt(2 * best.cost / wanted.size) > _FURTHEST:
        raise DoesNotFit("has no member near these quantiles")
    distribution = search.make(*best.x.tolist())
    return QuantileFit(
        family=family,
        distribution=distribution,
        parameters=free,
        probabilities=tuple(probabilities),
        wanted=tuple(values),
        fitted=tuple(distribution.quantile(p).tolist()),
    )


def fit_range(family: FamilyName, low: float, mode: float, high: float) -> Distribution:
    """Give the family over the smallest, most likely and largest value."""
    match family:
        case "pert":
            return Pert(low, mode, high)
        case "triangular":
            return Triangular(low, mode, high)
        case "uniform":
            return Uniform(low, high)
    raise DoesNotFit("has no smallest, most likely and largest value")


def _lognormal(z: Floats, values: Floats) -> _Search:
    mu, sigma = _line(z, np.log(values))
    return _Search(lambda mu, log: Lognormal(mu, math.exp(log)), [(mu, math.log(sigma))])


def _normal(z: Floats, values: Floats) -> _Search:
    location, deviation = _line(z, values)

    def make(inside: float, log: float) -> Distribution:
        # However far the location lies below 0, enough of the bell is left.
        deviation = math.exp(log)
        return Normal(deviation * (math.exp(inside) - _MOST_CUT), deviation)

    start = math.log(max(location / deviation + _MOST_CUT, 0.1))
    return _Search(make, [(start, math.log(deviation))])


def _gamma(z: Floats, values: Floats) -> _Search:
    mu, sigma = _line(z, np.log(values))
    spread = math.expm1(min(sigma, 4.0) ** 2)
    mean = math.exp(mu) * math.sqrt(1 + spread)
    return _Search(
        lambda shape, scale: Gamma(math.exp(shape), math.exp(scale)),
        [(-math.log(spread), math.log(mean * spread))],
    )


def _beta(z: Floats, values: Floats) -> _Search:
    location, deviation = _line(z, values)
    mean = min(max(location, 0.01), 0.99)
    both = max(mean * (1 - mean) / deviation**2 - 1, 0.5)
    return _Search(
        lambda alpha, beta: Beta(math.exp(alpha), math.exp(beta)),
        [(math.log(mean * both), math.log((1 - mean) * both))],
    )


def _pareto(z: Floats, values: Floats) -> _Search:
    least = GeneralisedPareto.SMALLEST_SHAPE
    middle = math.log(values[values.size // 2])
    return _Search(
        lambda place, log: GeneralisedPareto(
            least + (0.999 - least) * float(special.expit(place)), math.exp(log)
        ),
        [(1.2, middle), (2.5, middle)],
    )


def _uniform(z: Floats, values: Floats) -> _Search:
    bounds = _around(values)
    return _Search(lambda below, above: Uniform(*bounds(below, above)), [(1.0, -2.0)])


def _triangular(z: Floats, values: Floats) -> _Search:
    return _peaked(Triangular, values)


def _pert(z: Floats, values: Floats) -> _Search:
    return _peaked(Pert, values)


def _peaked(family: type[Pert] | type[Triangular], values: Floats) -> _Search:
    bounds = _around(values)

    def make(below: float, place: float, above: float) -> Distribution:
        low, high = bounds(below, above)
        return family(low, low + (high - low) * float(special.expit(place)), high)

    return _Search(make, [(1.0, place, -1.0) for place in (-2.0, 0.0, 2.0)])


def _around(values: Floats) -> Callable[[float, float], tuple[float, float]]:
    """Give a function to bounds that hold all: a share of the lowest, a multiple of the highest."""

    def bounds(below: float, above: float) -> tuple[float, float]:
        return float(values[0] * special.expit(below)), float(values[-1] * (1 + math.exp(above)))

    return bounds


def _line(z: Floats, values: Floats) -> tuple[float, float]:
    """Give intercept and slope of the straight line of values by z."""
    slope, intercept = np.polyfit(z, values, 1)
    return float(intercept), float(slope)


_SEARCHES: Final[dict[FamilyName, Callable[[Floats, Floats], _Search]]] = {
    "uniform": _uniform,
    "triangular": _triangular,
    "pert": _pert,
    "normal": _normal,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "beta": _beta,
    "generalisedPareto": _pareto,
}
