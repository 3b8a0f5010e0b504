"""An amount without a largest value, whose logarithm is normal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, Self

import numpy as np
from scipy import special

from engines.errors import InvalidInput
from engines.prism.distributions.distribution import LARGEST, Floats
from engines.prism.distributions.parameters import check_order, check_positive, check_range


@dataclass(frozen=True)
class Lognormal:
    """A lognormal given by the mean `mu` and the standard deviation `sigma` of the logarithm.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), appendix A.5.1.1.
    """

    mu: float
    sigma: float

    SMALLEST_MU: ClassVar[float] = -750.0
    """The logarithm of the smallest double."""
    LARGEST_SIGMA: ClassVar[float] = 20.0
    """Its 90% interval spans 28 decades; the square of a loss fifteen sigmas out is a double."""

    def __post_init__(self) -> None:
        check_range("mu", self.mu, self.SMALLEST_MU, math.log(LARGEST))
        check_positive("sigma", self.sigma, self.LARGEST_SIGMA)
        if self._log_mean > math.log(LARGEST):
            expected = f"small enough for a mean of at most {LARGEST:g}"
            raise InvalidInput("sigma", expected=expected, received=self.sigma)

    @classmethod
    def from_interval(cls, low: float, high: float, *, confidence: float = 0.90) -> Self:
        """Give the lognormal with equal probability below `low` and above `high`.

        At 90%, 5% lies on either side. Source: Hubbard and Seiersen, How to Measure Anything in
        Cybersecurity Risk (2nd ed., Wiley 2023), where it is the estimate of choice for a loss.
        """
        check_positive("low", low)
        check_range("high", high)
        check_order(low, high)
        if not 0 < confidence < 1:
            raise InvalidInput("confidence", expected="between 0 and 1", received=confidence)
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        mu = (math.log(low) + math.log(high)) / 2
        sigma = (math.log(high) - math.log(low)) / (2 * z)
        if not (0 < sigma <= cls.LARGEST_SIGMA and mu + sigma**2 / 2 <= math.log(LARGEST)):
            expected = f"an interval narrow enough for a mean of at most {LARGEST:g}"
            raise InvalidInput("high", expected=expected, received=high)
        return cls(mu, sigma)

    @classmethod
    def from_moments(cls, mean: float, standard_deviation: float) -> Self:
        """Give the lognormal with this mean and standard deviation (the method of moments)."""
        check_positive("mean", mean)
        check_positive("standard_deviation", standard_deviation)
        variation = standard_deviation / mean
        # log1p(variation^2) that neither overflows nor forgets a small variation
        square = math.log1p(variation**2) if variation < 1e8 else 2 * math.log(variation)
        if not 0 < square <= cls.LARGEST_SIGMA**2:
            expected = f"more than 1e-150 and less than {math.exp(200):.0e} times the mean"
            raise InvalidInput("standard_deviation", expected=expected, received=standard_deviation)
        return cls(math.log(mean) - square / 2, math.sqrt(square))

    @property
    def mean(self) -> float:
        return math.exp(self._log_mean)

    @property
    def variance(self) -> float:
        return math.expm1(self.sigma**2) * self.mean**2

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def cdf(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr(self._standard(x)))

    def survival(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr(-self._standard(x)))

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(np.exp(self.mu + self.sigma * special.ndtri(p)))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(np.exp(self.mu - self.sigma * special.ndtri(p)))

    def limited_mean(self, x: Floats) -> Floats:
        z = self._standard(x)
        below = self.mean * special.ndtr(z - self.sigma)
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x <= 0, x, below + finite * special.ndtr(-z))

    def _standard(self, x: Floats) -> Floats:
        """Give the standard normal value of x; minus infinity for 0 and below."""
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(np.maximum(x, 0)) - self.mu) / self.sigma)

    @property
    def _log_mean(self) -> float:
        return self.mu + self.sigma**2 / 2
