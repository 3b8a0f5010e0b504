"""Families of amounts, shares and rates, and their maximum likelihood."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy import special
from scipy.optimize import brentq, root

from engines.prism.distributions import (
    Beta,
    Floats,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    Normal,
)
from engines.prism.fitting.model import DoesNotFit, Model, anything, positive, settled
from engines.prism.market_risk.peaks_over_threshold import LEAST_SHAPE, fit_generalised_pareto

_MOST_CUT: Final = 3.09
"""Standard deviations from the location up to 0: there a thousandth of the bell is left."""
_LEAST_CUT: Final = -40.0
"""So far below the location that 0 cuts nothing off."""
_MOST_SHAPE: Final = 1 - 1e-9
"""Of a generalised Pareto: from 1 on its mean is infinite."""
_TINY: Final = 1e-300
"""Instead of a drawn 0, which has no logarithm."""
_LOG_2PI: Final = math.log(2 * math.pi)


def _normal(values: Floats) -> tuple[float, float]:
    """Fit a normal that is cut at 0.

    The highest likelihood is where mean and variance are those of the sample, since the family is
    exponential; their ratio depends on the place of the cut alone. Source of the moments: Johnson,
    Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1 (2nd ed.), section 13.10.1.
    """
    mean, variance = float(values.mean()), float(values.var())
    ratio = variance / mean**2
    if ratio <= _relative_variance(_LEAST_CUT):
        return mean, math.sqrt(variance)
    if ratio >= _relative_variance(_MOST_CUT):
        cut = _MOST_CUT
    else:
        cut = brentq(lambda cut: _relative_variance(cut) - ratio, _LEAST_CUT, _MOST_CUT, xtol=1e-13)
    deviation = mean / (_hazard(cut) - cut)
    return -cut * deviation, deviation


def _hazard(cut: float) -> float:
    return math.exp(-cut * cut / 2 - _LOG_2PI / 2) / float(special.ndtr(-cut))


def _relative_variance(cut: float) -> float:
    """Give variance / mean^2 of a standard normal above `cut`, as an excess over it."""
    hazard = _hazard(cut)
    return (1 + cut * hazard - hazard**2) / (hazard - cut) ** 2


def _normal_log_density(values: Floats, location: float, deviation: float) -> Floats:
    z = (values - location) / deviation
    whole = float(special.log_ndtr(location / deviation))
    return -z * z / 2 - (math.log(deviation) + _LOG_2PI / 2 + whole)


def _check_normal(values: Floats, parameters: tuple[float, ...]) -> None:
    location, deviation = parameters
    if location <= -_MOST_CUT * deviation:
        raise DoesNotFit("is too narrow: the values spread as far as their mean, or further")


def _lognormal(values: Floats) -> tuple[float, float]:
    logs = np.log(np.maximum(values, _TINY))
    return float(logs.mean()), float(logs.std())


def _lognormal_log_density(values: Floats, mu: float, sigma: float) -> Floats:
    logs = np.log(values)
    z = (logs - mu) / sigma
    return np.asarray(-z * z / 2 - logs - (math.log(sigma) + _LOG_2PI / 2))


def _gamma(values: Floats) -> tuple[float, float]:
    """Solve log(shape) - digamma(shape) = log(mean) - mean log, which has one root.

    Source: Johnson, Kotz and Balakrishnan, vol. 1, section 17.7.
    """
    mean = float(values.mean())
    gap = math.log(mean) - float(np.log(np.maximum(values, _TINY)).mean())

    def excess(log_shape: float) -> float:
        return log_shape - float(special.digamma(math.exp(log_shape))) - gap

    ends = math.log(Gamma.SMALLEST_SHAPE), math.log(Gamma.LARGEST_SHAPE)
    if excess(ends[0]) <= 0:
        shape = Gamma.SMALLEST_SHAPE
    elif excess(ends[1]) >= 0:
        shape = Gamma.LARGEST_SHAPE
    else:
        shape = math.exp(brentq(excess, *ends, xtol=1e-13))
    return shape, mean / shape


def _gamma_log_density(values: Floats, shape: float, scale: float) -> Floats:
    scaled = values / scale
    whole = float(special.gammaln(shape)) + math.log(scale)
    return np.asarray((shape - 1) * np.log(scaled) - scaled - whole)


def _check_gamma(values: Floats, parameters: tuple[float, ...]) -> None:
    if not Gamma.SMALLEST_SHAPE < parameters[0] < Gamma.LARGEST_SHAPE:
        raise DoesNotFit("has no shape between 0.01 and 1e6 for these values")


def _beta(values: Floats) -> tuple[float, float]:
    """Solve digamma(alpha) - digamma(alpha + beta) = mean log x, and so for 1 - x.

    Source: Johnson, Kotz and Balakrishnan, vol. 2, section 25.4.
    """
    inside = np.clip(values, _TINY, 1 - 2.0**-53)
    wanted = np.array([np.log(inside).mean(), np.log1p(-inside).mean()])
    mean, variance = float(values.mean()), float(values.var())
    both = max(mean * (1 - mean) / variance - 1, 0.1)

    def excess(logs: Floats) -> Floats:
        shapes = np.exp(logs)
        return np.asarray(special.digamma(shapes) - special.digamma(shapes.sum()) - wanted)

    found = root(excess, np.log([mean * both, (1 - mean) * both]), tol=1e-13)
    shapes = np.clip(np.exp(found.x), Beta.SMALLEST_SHAPE, Beta.LARGEST_SHAPE)
    return float(shapes[0]), float(shapes[1])


def _beta_log_density(values: Floats, alpha: float, beta: float) -> Floats:
    whole = float(special.betaln(alpha, beta))
    return np.asarray((alpha - 1) * np.log(values) + (beta - 1) * np.log1p(-values) - whole)


def _check_beta(values: Floats, parameters: tuple[float, ...]) -> None:
    if not all(Beta.SMALLEST_SHAPE < shape < Beta.LARGEST_SHAPE for shape in parameters):
        raise DoesNotFit("has no shapes between 0.01 and 1e6 for these values")


def _shares(values: Floats) -> str | None:
    return None if values.min() > 0 and values.max() < 1 else "needs values between 0 and 1"


def _pareto(excesses: Floats) -> tuple[float, float]:
    shape, scale = fit_generalised_pareto(excesses)
    return min(shape, _MOST_SHAPE), scale


def _pareto_log_density(values: Floats, shape: float, scale: float) -> Floats:
    scaled = values / scale
    if shape == 0:
        return np.asarray(-scaled - math.log(scale))
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = np.log1p(shape * scaled)
    return np.asarray(-(1 + 1 / shape) * inside - math.log(scale))


def _check_pareto(values: Floats, parameters: tuple[float, ...]) -> None:
    if parameters[0] <= LEAST_SHAPE + 1e-3:  # where the search for it ends
        raise DoesNotFit("would end at the largest value: its shape is below -1/2")
    if parameters[0] >= _MOST_SHAPE:
        raise DoesNotFit("would have an infinite mean: its shape is 1 or more")


def amounts(threshold: float) -> tuple[Model, ...]:
    """Give the families for amounts; values reach the generalised Pareto as excesses over it."""
    return (
        Model(
            name="normal", parameters=("mean", "standardDeviation"), estimate=_normal,
            log_density=_normal_log_density, make=Normal, check=_check_normal, takes=anything,
        ),
        Model(
            name="lognormal", parameters=("mu", "sigma"), estimate=_lognormal,
            log_density=_lognormal_log_density, make=Lognormal, check=settled, takes=positive,
        ),
        Model(
            name="gamma", parameters=("shape", "scale"), estimate=_gamma,
            log_density=_gamma_log_density, make=Gamma, check=_check_gamma, takes=positive,
        ),
        Model(
            name="beta", parameters=("alpha", "beta"), estimate=_beta,
            log_density=_beta_log_density, make=Beta, check=_check_beta, takes=_shares,
        ),
        Model(
            name="generalisedPareto", parameters=("shape", "scale"),
            estimate=lambda values: _pareto(values - threshold),
            log_density=lambda values, *parameters: _pareto_log_density(
                values - threshold, *parameters
            ),
            make=lambda shape, scale: GeneralisedPareto(shape, scale, threshold),
            check=_check_pareto, takes=anything,
        ),
    )  # fmt: skip
