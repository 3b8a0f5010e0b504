"""An expert's smallest, most likely and largest value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from engines.errors import InvalidInput
from engines.prism.distributions.beta import Beta
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_mode, check_order, check_range

PertConvention = Literal["vose", "pyfair"]


@dataclass(frozen=True)
class Pert:
    """A beta distribution over [low, high] with its mean drawn towards the mode by `gamma`.

    Source: Vose, Risk Analysis: A Quantitative Guide (3rd ed., Wiley 2008), "PERT" and "Modified
    PERT": mean = (low + gamma * mode + high) / (gamma + 2), and the beta's shapes add up to
    gamma + 2; gamma = 4 is the classic PERT.

    The `pyfair` convention is that of pyfair 0.1-alpha.13 (utility/beta_pert.py), for comparison:
    the same mean, but the standard deviation is always (high - low) / (gamma + 2). So it is
    narrower than Vose's where the mode is near the middle and wider where it is near an end, and
    unless it is in the middle the density peaks elsewhere than at `mode`.
    """

    low: float
    mode: float
    high: float
    gamma: float = 4.0
    convention: PertConvention = "vose"

    LARGEST_GAMMA: ClassVar[float] = 1000.0
    """Beyond this the curve is a spike: use a constant."""
    SMALLEST_PYFAIR_GAMMA: ClassVar[float] = 0.1
    """At 0 pyfair's standard deviation is that of a coin, and the shapes of its beta are 0."""

    def __post_init__(self) -> None:
        check_range("low", self.low)
        check_range("mode", self.mode)
        check_range("high", self.high)
        check_order(self.low, self.high)
        check_mode(self.mode, self.low, self.high)
        if self.convention not in ("vose", "pyfair"):
            raise InvalidInput("convention", expected="vose or pyfair", received=self.convention)
        smallest = 0.0 if self.convention == "vose" else self.SMALLEST_PYFAIR_GAMMA
        check_range("gamma", self.gamma, smallest, self.LARGEST_GAMMA)

    @property
    def mean(self) -> float:
        return (self.low + self.gamma * self.mode + self.high) / (self.gamma + 2)

    @property
    def variance(self) -> float:
        return self.as_beta.variance

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    @cached_property
    def as_beta(self) -> Beta:
        """The beta distribution that it is."""
        span = self.high - self.low
        if self.convention == "vose":
            alpha = 1 + self.gamma * (self.mode - self.low) / span
            beta = 1 + self.gamma * (self.high - self.mode) / span
        else:
            share = (self.mean - self.low) / span
            both = share * (1 - share) * (self.gamma + 2) ** 2 - 1
            alpha, beta = both * share, both * (1 - share)
        return Beta(alpha, beta, self.low, self.high)

    def cdf(self, x: Floats) -> Floats:
        return self.as_beta.cdf(x)

    def survival(self, x: Floats) -> Floats:
        return self.as_beta.survival(x)

    def quantile(self, p: Floats) -> Floats:
        return self.as_beta.quantile(p)

    def upper_quantile(self, p: Floats) -> Floats:
        return self.as_beta.upper_quantile(p)

    def limited_mean(self, x: Floats) -> Floats:
        return self.as_beta.limited_mean(x)
