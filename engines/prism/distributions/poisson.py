"""A number of events that come independently at a known rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from engines.prism.distributions.counting import LARGEST_COUNT, cornish_fisher, smallest_count
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_range


@dataclass(frozen=True)
class Poisson:
    """A Poisson count with mean `rate`.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), appendix B.2.1.1. Its
    distribution function is an incomplete gamma function: Abramowitz and Stegun, 26.4.21.
    """

    rate: float

    def __post_init__(self) -> None:
        check_range("rate", self.rate, 0, LARGEST_COUNT)

    @property
    def mean(self) -> float:
        return self.rate

    @property
    def variance(self) -> float:
        return self.rate

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf if self.rate > 0 else 0.0

    def cdf(self, x: Floats) -> Floats:
        count = np.floor(x)
        return np.where(count < 0, 0.0, special.gammaincc(np.maximum(count, 0) + 1, self.rate))

    def survival(self, x: Floats) -> Floats:
        count = np.floor(x)
        return np.where(count < 0, 1.0, special.gammainc(np.maximum(count, 0) + 1, self.rate))

    def quantile(self, p: Floats) -> Floats:
        return smallest_count(self.cdf, p, self._guess(special.ndtri(p)))

    def upper_quantile(self, p: Floats) -> Floats:
        guess = self._guess(-special.ndtri(p))
        return smallest_count(lambda count: -self.survival(count), -p, guess)

    def limited_mean(self, x: Floats) -> Floats:
        # n P(N = n) = rate P(N = n - 1), so the mean below x is the rate times a probability.
        below = self.rate * self.cdf(np.floor(x) - 1)
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x < 0, x, below + finite * self.survival(x))

    def _guess(self, z: Floats) -> Floats:
        return cornish_fisher(self.rate, self.rate, 1 / math.sqrt(max(self.rate, 1.0)), z)
