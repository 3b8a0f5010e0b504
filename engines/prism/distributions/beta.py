"""A share between two bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_order, check_range


@dataclass(frozen=True)
class Beta:
    """A beta distribution of shapes `alpha` and `beta`, stretched over [low, high].

    Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 2 (2nd ed.,
    Wiley 1995), chapter 25.
    """

    alpha: float
    beta: float
    low: float = 0.0
    high: float = 1.0

    SMALLEST_SHAPE: ClassVar[float] = 0.01
    """There a twentieth of the probability lies within 1e-130 of the span from an end."""
    LARGEST_SHAPE: ClassVar[float] = 1e6
    """Beyond this the curve is a spike: use a constant."""

    def __post_init__(self) -> None:
        check_range("alpha", self.alpha, self.SMALLEST_SHAPE, self.LARGEST_SHAPE)
        check_range("beta", self.beta, self.SMALLEST_SHAPE, self.LARGEST_SHAPE)
        check_range("low", self.low)
        check_range("high", self.high)
        check_order(self.low, self.high)

    @property
    def mean(self) -> float:
        return (self.beta * self.low + self.alpha * self.high) / (self.alpha + self.beta)

    @property
    def variance(self) -> float:
        both = self.alpha + self.beta
        return self._span**2 * self.alpha / both * self.beta / both / (both + 1)

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def cdf(self, x: Floats) -> Floats:
        return _share_below(self.alpha, self.beta, self._from_low(x), self._from_high(x))

    def survival(self, x: Floats) -> Floats:
        return _share_below(self.beta, self.alpha, self._from_high(x), self._from_low(x))

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(self.low + self._span * special.betaincinv(self.alpha, self.beta, p))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(self.low + self._span * special.betainccinv(self.alpha, self.beta, p))

    def limited_mean(self, x: Floats) -> Floats:
        share = self._from_low(x)
        mean_share = self.alpha / (self.alpha + self.beta)
        below = mean_share * special.betainc(self.alpha + 1, self.beta, share)
        limited = self.low + self._span * (below + share * self.survival(x))
        return np.where(x < self.low, x, limited)

    @property
    def _span(self) -> float:
        return self.high - self.low

    def _from_low(self, x: Floats) -> Floats:
        return np.clip((x - self.low) / self._span, 0, 1)

    def _from_high(self, x: Floats) -> Floats:
        return np.clip((self.high - x) / self._span, 0, 1)


def _share_below(alpha: float, beta: float, share: Floats, rest: Floats) -> Floats:
    """Give the regularised incomplete beta function at `share`, which is 1 - `rest`.

    Of the two, the smaller one has kept its digits.
    """
    from_below = special.betainc(alpha, beta, share)
    from_above = special.betaincc(beta, alpha, rest)
    return np.asarray(np.where(share <= 0.5, from_below, from_above))
