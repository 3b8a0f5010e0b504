"""The distributions an expert's estimate comes in: amounts of money, or rates per year.

Each checks itself when it is made, so that one that exists can be sampled: every parameter lies
in [0, 1e15] and so does the mean. A lognormal whose mean is that small cannot overflow a double
either, not even fifteen standard deviations out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput

LARGEST = 1e15
"""The largest parameter and mean. Doubles still tell cents apart there."""

Z_95 = NormalDist().inv_cdf(0.95)
"""The 95th percentile of a standard normal; with its mirror image it spans 90%."""


class _Sampled(Protocol):
    """A random amount that is never negative."""

    @property
    def mean(self) -> float:
        """The expected value."""

    def sample(self, generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        """Draw `size` values. The first n of a longer draw are the draw of n."""


@dataclass(frozen=True)
class Constant:
    """A value known for sure."""

    value: float

    def __post_init__(self) -> None:
        _check_parameters(self)

    @property
    def mean(self) -> float:
        return self.value

    def sample(self, generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        return np.full(size, self.value)


@dataclass(frozen=True)
class Pert:
    """A beta distribution over [low, high] with its mean drawn towards the mode by `gamma`.

    Source: Vose, Risk Analysis: A Quantitative Guide (3rd ed., Wiley 2008), "PERT" and "Modified
    PERT": mean = (low + gamma * mode + high) / (gamma + 2), and gamma = 4 is the classic PERT.
    """

    low: float
    mode: float
    high: float
    gamma: float = 4.0

    LARGEST_GAMMA: ClassVar[float] = 1000.0
    """Beyond this the curve is a spike: use a constant."""

    def __post_init__(self) -> None:
        _check_parameters(self)
        if self.low >= self.high:
            raise InvalidInput("high", expected=f"more than low ({self.low:g})", received=self.high)
        if not self.low <= self.mode <= self.high:
            expected = f"a value from low to high ({self.low:g} to {self.high:g})"
            raise InvalidInput("mode", expected=expected, received=self.mode)
        if self.gamma > self.LARGEST_GAMMA:
            expected = f"at most {self.LARGEST_GAMMA:g}"
            raise InvalidInput("gamma", expected=expected, received=self.gamma)

    @property
    def mean(self) -> float:
        return (self.low + self.gamma * self.mode + self.high) / (self.gamma + 2)

    def sample(self, generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        span = self.high - self.low
        alpha = 1 + self.gamma * (self.mode - self.low) / span
        beta = 1 + self.gamma * (self.high - self.mode) / span
        return self.low + span * generator.beta(alpha, beta, size)


@dataclass(frozen=True)
class Lognormal:
    """A lognormal given by its 90% interval: 5% lies below `low`, 5% above `high`.

    Source: Hubbard and Seiersen, How to Measure Anything in Cybersecurity Risk (2nd ed., Wiley
    2023), where it is the estimate of choice for a loss.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        _check_parameters(self)
        if self.low <= 0:
            raise InvalidInput("low", expected="more than 0", received=self.low)
        if self.low >= self.high:
            raise InvalidInput("high", expected=f"more than low ({self.low:g})", received=self.high)
        if self._log_mean > math.log(LARGEST):
            expected = f"an interval narrow enough for a mean of at most {LARGEST:g}"
            raise InvalidInput("high", expected=expected, received=self.high)

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return (math.log(self.low) + math.log(self.high)) / 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return (math.log(self.high) - math.log(self.low)) / (2 * Z_95)

    @property
    def mean(self) -> float:
        return math.exp(self._log_mean)

    @property
    def _log_mean(self) -> float:
        return self.mu + self.sigma**2 / 2

    def sample(self, generator: np.random.Generator, size: int) -> NDArray[np.float64]:
        return np.exp(self.mu + self.sigma * generator.standard_normal(size))


def _check_parameters(distribution: Constant | Pert | Lognormal) -> None:
    for field in fields(distribution):
        value = getattr(distribution, field.name)
        # Written so that NaN, which compares false with everything, is refused too.
        if not 0 <= value <= LARGEST:
            raise InvalidInput(field.name, expected=f"from 0 to {LARGEST:g}", received=value)
