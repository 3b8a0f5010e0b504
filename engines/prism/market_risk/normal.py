"""Normal losses: of the sample's mean and variance, or of an exponentially weighted variance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import (
    SMALLEST_VARIANCE,
    Caution,
    Forecast,
    Matrix,
    RiskEstimate,
    Vector,
    tail_of,
    varying_total,
)

WEIGHT_LEFT_OUT = 0.01
"""RiskMetrics' tolerance: the share of an endless exponential window that a sample may lack."""


def normal_density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Normal:
    """Parametric, or variance-covariance, VaR."""

    def shortest(self, percent: float) -> int:
        """Give 30: a choice, at which a standard deviation is known to an eighth."""
        return 30

    def fit(self, sample: Matrix) -> NormalLoss:
        losses = varying_total(sample)
        return NormalLoss(float(losses.mean()), float(losses.std(ddof=1)), losses.size)

    def moments(self, sample: Matrix) -> tuple[Vector, Matrix]:
        """Give the positions' mean losses and the covariance matrix of their losses."""
        return sample.mean(axis=0), np.atleast_2d(np.cov(sample, rowvar=False))


@dataclass(frozen=True)
class Ewma:
    """RiskMetrics: mean zero, and a variance in which each period weighs `decay` of the next.

    Source: J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed. 1996, chapter 5; 0.94 is
    its decay for daily returns, 0.97 for monthly ones.
    """

    decay: float = 0.94

    def __post_init__(self) -> None:
        if not 0 < self.decay < 1:
            raise InvalidInput("decay", expected="a number between 0 and 1", received=self.decay)

    def shortest(self, percent: float) -> int:
        """Give the periods that hold 99% of the weight: ln 0.01 / ln decay (ibid.)."""
        return max(2, round(math.log(WEIGHT_LEFT_OUT) / math.log(self.decay)))

    def fit(self, sample: Matrix) -> NormalLoss:
        losses = varying_total(sample)
        variance = float(self.moments(losses[:, None])[1][0, 0])
        if variance < SMALLEST_VARIANCE:
            raise InvalidInput(
                "returns", expected="returns that vary lately", received="none but old ones"
            )
        return NormalLoss(0.0, math.sqrt(variance), None, decay=self.decay)

    def moments(self, sample: Matrix) -> tuple[Vector, Matrix]:
        """Give means of zero and the weighted covariance matrix, its weights summing to one."""
        weights = self.decay ** np.arange(len(sample) - 1, -1, -1, dtype=np.float64)
        weights /= weights.sum()
        return np.zeros(sample.shape[1]), (sample * weights[:, None]).T @ sample


@dataclass(frozen=True)
class NormalLoss:
    """A normal distribution of the next loss."""

    mean: float
    deviation: float
    count: int | None
    """Periods that it was estimated from with equal weights; `None`: no standard error."""
    decay: float | None = None
    """Of the weighted variance, where it has one."""

    @property
    def parameters(self) -> Mapping[str, float]:
        return {"mean": self.mean, "standardDeviation": self.deviation}

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return ()

    def forecast(self, percent: float) -> Forecast:
        """Give VaR = mean + sd z and ES = mean + sd phi(z) / (1 - p).

        Source: McNeil, Frey and Embrechts, Quantitative Risk Management (rev. ed., Princeton
        2015), section 2.3. Standard errors by the delta method: the
        mean's variance is sd^2 / n, that of sd is sd^2 / 2n, and they are independent.
        """
        z = float(ndtri(percent / 100))
        return Forecast(
            percent=percent,
            value_at_risk=self._estimate(z),
            expected_shortfall=self._estimate(normal_density(z) / tail_of(percent)),
        )

    def moved_to(self, losses: Vector) -> NormalLoss:
        return self if self.decay is None else Ewma(self.decay).fit(losses[:, None])

    def _estimate(self, multiple: float) -> RiskEstimate:
        value = self.mean + multiple * self.deviation
        if self.count is None:
            return RiskEstimate(value)
        error = self.deviation * math.sqrt((1 + multiple**2 / 2) / self.count)
        return RiskEstimate.of_error(value, error)
