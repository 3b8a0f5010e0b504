"""What each position adds to the portfolio's VaR and ES. Components sum to the total exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import Forecast, Matrix, Method, Vector, tail_of
from engines.prism.market_risk.historical import EmpiricalLosses, Historical
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.normal import Ewma, Normal

NEIGHBOURS = 10
"""The kernel is at least wide enough to reach this many losses around VaR."""


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One position's part, in the units of its losses.

    A component is the position's size times the derivative of the total by it (Euler's theorem
    makes them sum to the total); the incremental VaR is what closing the position would save.
    """

    component_value_at_risk: float
    component_expected_shortfall: float
    incremental_value_at_risk: float


def contributions(method: Method, sample: Matrix, forecast: Forecast) -> tuple[Contribution, ...]:
    """Split a forecast that `method` made from `sample`, one contribution a column."""
    splittable = can_decompose(method)
    if isinstance(splittable, Historical):
        return _historical(splittable, sample, forecast)
    return _elliptical(*splittable.moments(sample), forecast)


def can_decompose(method: Method) -> Historical | Normal | Ewma | MonteCarlo:
    """Give the method back; raises `InvalidInput` if it sees the portfolio as a single series."""
    if isinstance(method, Historical | Normal | Ewma | MonteCarlo):
        return method
    raise InvalidInput(
        "decompose",
        expected="false, or a method that sees positions: historical, normal, ewma, monteCarlo",
        received="true",
    )


def _elliptical(means: Vector, covariance: Matrix, forecast: Forecast) -> tuple[Contribution, ...]:
    """Split by covariance: total = mean + k sd, so component = mean_i + k cov(i, total) / sd.

    Source: McNeil, Frey and Embrechts, Quantitative Risk Management (rev. ed., Princeton 2015),
    section 8.5, Euler allocation for elliptical losses: k depends on the level alone.
    """
    shared = covariance.sum(axis=1)
    variance, mean = float(shared.sum()), float(means.sum())
    deviation = math.sqrt(variance)
    value = forecast.value_at_risk.value
    assert forecast.expected_shortfall is not None, "an elliptical tail here has a mean"
    shortfall = forecast.expected_shortfall.value
    multiple = (value - mean) / deviation
    without = np.sqrt(np.maximum(variance - 2 * shared + np.diag(covariance), 0))
    left = mean - means + multiple * without
    return _contributions(
        means + (value - mean) * shared / variance,
        means + (shortfall - mean) * shared / variance,
        value - left,
    )


def _historical(method: Historical, sample: Matrix, forecast: Forecast) -> tuple[Contribution, ...]:
    """Split by the positions' mean losses where the total is VaR, and where it lies beyond.

    Source: Tasche, "Risk contributions and performance measurement", 1999: the derivative of VaR
    is the conditional mean E[loss_i | total = VaR]. A single scenario would be all noise, so it
    is the local linear regression of each loss on the total (Fan, Journal of the American
    Statistical Association 87(420), 1992) at VaR; being linear in the losses and exact for linear
    functions, it sums to VaR without rescaling.
    """
    losses = method.fit(sample)
    total, weights = losses.losses, losses.weights
    value = forecast.value_at_risk.value
    at_value = _local_weights(total, weights, value) @ sample

    tail = tail_of(forecast.percent)
    beyond = np.where(total > value, weights, 0)
    # The atom at VaR fills the tail up to 1 - p, as it does in the total's own ES.
    shortfall = (beyond @ sample + (tail - beyond.sum()) * at_value) / tail
    incremental = [
        value
        - EmpiricalLosses(total - own, method.convention, method.decay)
        .forecast(forecast.percent)
        .value_at_risk.value
        for own in sample.T
    ]
    return _contributions(at_value, shortfall, np.array(incremental))


def _local_weights(total: Vector, weights: Vector, at: float) -> Vector:
    """Give the weights of a local linear fit: they sum to one and give `at` for the total.

    Gaussian kernel, of Silverman's width (Density Estimation, 1986, equation 3.28) or wider.
    """
    distance = total - at
    width = 1.06 * float(total.std()) * float((weights**2).sum()) ** 0.2
    reach = min(NEIGHBOURS, total.size) - 1
    width = max(width, float(np.partition(np.abs(distance), reach)[reach]))
    if width == 0:  # a constant loss
        return weights
    near: Vector = weights * np.exp(-0.5 * (distance / width) ** 2)
    level, slope, bend = near.sum(), near @ distance, near @ distance**2
    spread = level * bend - slope**2
    if spread <= 1e-12 * level * bend:  # one value alone is near: nothing to draw a line through
        near /= level
    else:
        near *= (bend - slope * distance) / spread
    return near


def _contributions(
    values: Vector, shortfalls: Vector, increments: Vector
) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(
            component_value_at_risk=value,
            component_expected_shortfall=shortfall,
            incremental_value_at_risk=increment,
        )
        for value, shortfall, increment in zip(
            values.tolist(), shortfalls.tolist(), increments.tolist(), strict=True
        )
    )
