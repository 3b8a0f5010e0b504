"""A number of events whose rate differs from year to year, or that come in clusters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from engines.prism.distributions.counting import LARGEST_COUNT, smallest_count
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_range


@dataclass(frozen=True)
class NegativeBinomial:
    """A negative binomial count by its mean and `size`: variance = mean + mean**2 / size.

    It is a Poisson count whose rate is gamma distributed with shape `size`. In terms of (r, p),
    r = size, which need not be whole, and p = size / (size + mean) is the probability that ends the
    run; Loss Models writes r = size and beta = mean / size.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), appendix B.2.1.4. Its
    distribution function is an incomplete beta function: Abramowitz and Stegun, 26.5.26.
    """

    mean: float
    size: float

    SMALLEST_SIZE: ClassVar[float] = 0.01
    """Below this nearly all years are without an event."""
    LARGEST_SIZE: ClassVar[float] = 1e6
    """There it is a Poisson count to six digits."""

    def __post_init__(self) -> None:
        check_range("mean", self.mean, 0, LARGEST_COUNT)
        check_range("size", self.size, self.SMALLEST_SIZE, self.LARGEST_SIZE)

    @property
    def variance(self) -> float:
        return self.mean + self.mean**2 / self.size

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf if self.mean > 0 else 0.0

    def cdf(self, x: Floats) -> Floats:
        return self._cdf(np.floor(x), self.size)

    def survival(self, x: Floats) -> Floats:
        count = np.floor(x)
        if self._go_on < 0.5:  # of the two, the smaller one has kept its digits
            after = special.betainc(_finite(count) + 1, self.size, self._go_on)
        else:
            after = special.betaincc(self.size, _finite(count) + 1, self._end)
        return np.where(count < 0, 1.0, np.where(np.isinf(count), 0.0, after))

    def quantile(self, p: Floats) -> Floats:
        return smallest_count(self.cdf, p, self._scale * special.gammaincinv(self._shape, p))

    def upper_quantile(self, p: Floats) -> Floats:
        guess = self._scale * special.gammainccinv(self._shape, p)
        return smallest_count(lambda count: -self.survival(count), -p, guess)

    def limited_mean(self, x: Floats) -> Floats:
        # n P(N = n) = mean P(M = n - 1), where M has the same p and a size larger by one.
        below = self.mean * self._cdf(np.floor(x) - 1, self.size + 1)
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x < 0, x, below + finite * self.survival(x))

    def _cdf(self, count: Floats, size: float) -> Floats:
        if self._go_on < 0.5:
            within = special.betaincc(_finite(count) + 1, size, self._go_on)
        else:
            within = special.betainc(size, _finite(count) + 1, self._end)
        return np.where(count < 0, 0.0, np.where(np.isinf(count), 1.0, within))

    @property
    def _end(self) -> float:
        """The p of (r, p)."""
        return self.size / (self.size + self.mean)

    @property
    def _go_on(self) -> float:
        """1 - p."""
        return self.mean / (self.size + self.mean)

    @property
    def _shape(self) -> float:
        """Of the gamma distribution with the same mean and variance: the first guess."""
        return self.mean / self._scale if self.mean > 0 else 1.0

    @property
    def _scale(self) -> float:
        return self.variance / self.mean if self.mean > 0 else 0.0


def _finite(count: Floats) -> Floats:
    """Give a count the incomplete beta function can take, for where it is not used."""
    return np.where(np.isinf(count), 0, np.maximum(count, 0))
