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
        return _area(x - self.low, self.mode - self.low, self.high - self.mode)

    def survival(self, x: Floats) -> Floats:
        return _area(self.high - x, self.high - self.mode, self.mode - self.low)

    def quantile(self, p: Floats) -> Floats:
        return self._at(p, 1 - p)

    def upper_quantile(self, p: Floats) -> Floats:
        return self._at(1 - p, p)

    def limited_mean(self, x: Floats) -> Floats:
        # The integral of a parabola is a third of its last value times its width.
        rising = x - np.clip(x - self.low, 0, self.mode - self.low) / 3 * self.cdf(x)
        falling = self.mean - np.maximum(self.high - x, 0) / 3 * self.survival(x)
        return np.where(x < self.mode, rising, falling)

    def _at(self, below: Floats, above: Floats) -> Floats:
        """Give x from the probabilities on either side, each exact where it is small."""
        span, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        from_low = self.low + np.sqrt(below * span * rise)
        if fall == 0:
            return np.asarray(from_low)
        # high - to_high, written so that a value near a mode of 0 keeps its digits
        to_high = np.sqrt(above * span * fall)
        from_mode = self.mode + fall * (span * below - rise) / (fall + to_high)
        return np.where(below * span < rise, from_low, from_mode)


def _area(distance: Floats, near: float, far: float) -> Floats:
    """Give the part of a triangle that lies within `distance` of a corner.

    Its base is `near` from the corner to the foot of the peak, and `far` from there on.
    """
    distance = np.clip(distance, 0, near + far)
    beyond = distance - near
    # Either is a sum of what is not negative, so that small parts keep their digits.
    rising = distance / (near or 1.0) * distance
    falling = near + beyond / (far or 1.0) * (2 * far - beyond)
    return np.where(beyond < 0, rising, falling) / (near + far)
