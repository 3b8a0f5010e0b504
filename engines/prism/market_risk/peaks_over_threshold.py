"""Peaks over threshold: a generalised Pareto tail beyond a high loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import (
    Caution,
    Forecast,
    Matrix,
    RiskEstimate,
    Vector,
    tail_of,
    varying_total,
)

FEWEST_EXCESSES = 30
"""A choice: the shape's standard error is then about 0.2."""
LEAST_SHAPE = -0.5
"""At and below it the likelihood is not regular (Smith, Biometrika 72(1), 1985)."""
_NEAR_ZERO = 1e-8


@dataclass(frozen=True, kw_only=True)
class PeaksOverThreshold:
    """The threshold is the loss that a share `exceedances` of the sample lies beyond."""

    exceedances: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.exceedances <= 0.5:
            raise InvalidInput(
                "exceedances", expected="a share in (0, 0.5]", received=self.exceedances
            )

    def shortest(self, percent: float) -> int:
        """Give the periods that leave 30 beyond; refuses a level below the threshold."""
        if tail_of(percent) >= self.exceedances:
            raise InvalidInput(
                "level",
                expected=f"more than {100 * (1 - self.exceedances):g}, beyond the threshold",
                received=percent,
            )
        return math.ceil(FEWEST_EXCESSES / self.exceedances)

    def fit(self, sample: Matrix) -> ParetoTail:
        """Fit the tail; raises `InvalidInput` where ties leave fewer than 30 beyond."""
        losses = varying_total(sample)
        beyond = math.floor(self.exceedances * losses.size + 1e-9)
        threshold = float(np.partition(losses, -beyond - 1)[-beyond - 1])
        excesses = losses[losses > threshold] - threshold
        if excesses.size < FEWEST_EXCESSES:
            raise InvalidInput(
                "returns",
                expected=f"at least {FEWEST_EXCESSES} losses beyond the threshold",
                received=excesses.size,
            )
        shape, scale = fit_generalised_pareto(excesses)
        return ParetoTail(threshold, shape, scale, excesses.size, losses.size)


@dataclass(frozen=True)
class ParetoTail:
    """P(loss > x) = k/n (1 + shape (x - threshold)/scale)^(-1/shape) beyond the threshold."""

    threshold: float
    shape: float
    scale: float
    excesses: int
    count: int

    @property
    def parameters(self) -> Mapping[str, float]:
        return {
            "threshold": self.threshold,
            "shape": self.shape,
            "scale": self.scale,
            "excesses": self.excesses,
        }

    @property
    def cautions(self) -> tuple[Caution, ...]:
        bound: tuple[Caution, ...] = ("tailAtBound",) if self._at_bound else ()
        return (*bound, "infiniteShortfall") if self.shape >= 1 else bound

    def forecast(self, percent: float) -> Forecast:
        """Give VaR and ES of the fitted tail, ES `None` from a shape of 1 on.

        VaR = u + scale/shape (((1 - p) n/k)^-shape - 1), ES = (VaR + scale - shape u)/(1 - shape).
        Source: McNeil, Frey and Embrechts, Quantitative Risk Management (rev. ed., Princeton
        2015), section 5.2.3. Standard errors by the delta method, the share beyond the threshold
        binomial and independent of the excesses: Coles, An Introduction to Statistical Modeling of
        Extreme Values (Springer 2001), section 4.3.3.
        """
        share = self.excesses / self.count
        ratio = share / tail_of(percent)
        growth, by_shape = _growth(self.shape, math.log(ratio))
        value = self.threshold + self.scale * growth
        slopes = np.array([self.scale * by_shape, growth, self.scale * ratio**self.shape / share])
        value_at_risk = RiskEstimate.of_error(value, self._error(slopes))
        if self.shape >= 1:
            return Forecast(percent=percent, value_at_risk=value_at_risk, expected_shortfall=None)

        rest = 1 - self.shape
        shortfall = (value + self.scale - self.shape * self.threshold) / rest
        slopes += [shortfall - self.threshold, 1, 0]
        return Forecast(
            percent=percent,
            value_at_risk=value_at_risk,
            expected_shortfall=RiskEstimate.of_error(shortfall, self._error(slopes / rest)),
        )

    def moved_to(self, losses: Vector) -> ParetoTail:
        return self

    @property
    def _at_bound(self) -> bool:
        return self.shape <= LEAST_SHAPE + 1e-3

    def _error(self, slopes: Vector) -> float:
        """Give a standard error from slopes by shape, scale and share beyond the threshold.

        Source of the covariance of shape and scale: Smith, Biometrika 72(1), 1985.
        """
        share, less = self.excesses / self.count, 1 + self.shape
        mixed = -self.scale * less / self.excesses
        covariance = np.array(
            [
                [less**2 / self.excesses, mixed, 0],
                [mixed, 2 * self.scale**2 * less / self.excesses, 0],
                [0, 0, share * (1 - share) / self.count],
            ]
        )
        return math.sqrt(slopes @ covariance @ slopes)


def fit_generalised_pareto(excesses: Vector) -> tuple[float, float]:
    """Give the shape and scale of the highest likelihood, the shape above -0.5.

    For a ratio t = shape/scale the best shape is the mean of ln(1 + t excess): one dimension is
    left. Source: Grimshaw, Technometrics 35(2), 1993.
    """
    mean = float(excesses.mean())
    unit = excesses / mean

    def shape_at(ratio: float) -> float:
        return float(np.log1p(ratio * unit).mean())

    def badness(ratio: float) -> float:
        shape = shape_at(ratio)
        return math.log(_scale(shape, ratio)) + shape

    # Beyond its end no excess could be as large as the largest is.
    start = (1e-12 - 1) / float(unit.max())
    if shape_at(start) < LEAST_SHAPE:
        start = brentq(lambda ratio: shape_at(ratio) - LEAST_SHAPE, start, 0)
    grid = np.concatenate([start * (1 - np.geomspace(1e-9, 1, 40)), np.geomspace(1e-4, 1e4, 60)])
    best = int(np.argmin([badness(each) for each in grid]))
    nearest = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    found = minimize_scalar(badness, bounds=nearest, method="bounded", options={"xatol": 1e-12})
    ratio = float(found.x)
    shape = max(shape_at(ratio), LEAST_SHAPE)
    return shape, mean * _scale(shape, ratio)


def _scale(shape: float, ratio: float) -> float:
    """Give shape/ratio; the excesses are of mean 1, which it tends to as both vanish."""
    return shape / ratio if abs(ratio) > _NEAR_ZERO else 1.0


def _growth(shape: float, log_ratio: float) -> tuple[float, float]:
    """Give (e^(shape l) - 1)/shape and its slope by shape, for shapes near zero as well."""
    at = shape * log_ratio
    if abs(at) < 1e-5:
        return log_ratio * (1 + at / 2), log_ratio**2 * (0.5 + at / 3)
    growth = math.expm1(at) / shape
    return growth, (log_ratio * math.exp(at) - growth) / shape
