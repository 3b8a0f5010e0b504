"""A smallest, a most likely and a largest value, joined by straight lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_mode, check_order, check_range


@dataclass(frozen=True)
class Triangular:
    """A triangular density over [low, high] that peaks at `mode`.

    Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 2 (2nd ed.,
    Wiley 1995), section 26.9.
    """

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        check_range("low", self.low)
        check_range("mode", self.mode)
        check_range("high", self.high)
        check_order(self.low, self.high)
        check_mode(self.mode, self.low, self.high)

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    @property
    def variance(self) -> float:
        rise, fall = self.mode - self.low, self.high - self.mode
        return (rise**2 + rise * fall + fall**2) / 18

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def cdf(self, x: Floats) -> Floats:
        return np.where(x < self.mode, self._below(x), 1 - self._above(x))

    def survival(self, x: Floats) -> Floats:
        return np.where(x < self.mode, 1 - self._below(x), self._above(x))

    def quantile(self, p: Floats) -> Floats:
        return self._at(p, 1 - p)

    def upper_quantile(self, p: Floats) -> Floats:
        return self._at(1 - p, p)

    def limited_mean(self, x: Floats) -> Floats:
        # The integral of a parabola is a third of its last value times its width.
        rising = x - np.maximum(x - self.low, 0) / 3 * self._below(x)
        falling = self.mean - np.maximum(self.high - x, 0) / 3 * self._above(x)
        return np.where(x < self.mode, rising, falling)

    def _at(self, below: Floats, above: Floats) -> Floats:
        """Give x from the probabilities on either side, each exact where it is small."""
        span, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        from_low = self.low + np.sqrt(below * span * rise)
        from_high = self.high - np.sqrt(above * span * fall)
        return np.where(below * span < rise, from_low, from_high)

    def _below(self, x: Floats) -> Floats:
        """P(X <= x) for x below the mode."""
        distance = np.clip(x - self.low, 0, self.mode - self.low)
        area = (self.high - self.low) * (self.mode - self.low)
        return distance / area * distance if area > 0 else np.zeros_like(distance)

    def _above(self, x: Floats) -> Floats:
        """P(X > x) for x at the mode or above."""
        distance = np.clip(self.high - x, 0, self.high - self.mode)
        area = (self.high - self.low) * (self.high - self.mode)
        return distance / area * distance if area > 0 else np.zeros_like(distance)
