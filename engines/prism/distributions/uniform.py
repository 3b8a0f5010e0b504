"""A value of which only the bounds are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_order, check_range


@dataclass(frozen=True)
class Uniform:
    """Every value in [low, high] is as likely as any other."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_range("low", self.low)
        check_range("high", self.high)
        check_order(self.low, self.high)

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return (self.high - self.low) ** 2 / 12

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def cdf(self, x: Floats) -> Floats:
        return np.clip((x - self.low) / (self.high - self.low), 0, 1)

    def survival(self, x: Floats) -> Floats:
        return np.clip((self.high - x) / (self.high - self.low), 0, 1)

    def quantile(self, p: Floats) -> Floats:
        return self.low + (self.high - self.low) * p

    def upper_quantile(self, p: Floats) -> Floats:
        return self.high - (self.high - self.low) * p

    def limited_mean(self, x: Floats) -> Floats:
        inside = np.clip(x, self.low, self.high)
        limited = inside - (inside - self.low) / 2 * self.cdf(inside)
        return np.where(x < self.low, x, limited)
