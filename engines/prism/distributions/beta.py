"""A share between two bounds."""

from __future__ import annotations

from collections.abc import Callable
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
        share = _inverse(special.betaincinv, special.betainc, self.alpha, self.beta, p)
        return self.low + self._span * share

    def upper_quantile(self, p: Floats) -> Floats:
        share = _inverse(special.betainccinv, _share_above, self.alpha, self.beta, p)
        return self.low + self._span * share

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
    near = share <= 0.5
    below = np.empty_like(share)
    special.betainc(alpha, beta, share, where=near, out=below)
    special.betaincc(beta, alpha, rest, where=~near, out=below)
    return below


def _share_above(alpha: float, beta: float, share: Floats) -> Floats:
    """Give the complement of the function; `betaincc` by itself is slow where that is small."""
    return _share_below(beta, alpha, 1 - share, share)


def _inverse(
    inverse: np.ufunc,
    forward: Callable[[float, float, Floats], Floats],
    alpha: float,
    beta: float,
    p: Floats,
) -> Floats:
    """Give the share at which `forward` is p.

    SciPy 1.17's inverse, which is Boost's, loses its way at isolated probabilities whose root it
    meets on the way: betaincinv(1.25, 2.75, 0.21595532984264493) is 0 and not 1/8. Those are asked
    for again a few units in the last place away.
    """
    share = np.asarray(inverse(alpha, beta, p))
    for units in (1, -1, 3, -3, 7):
        lost = np.abs(forward(alpha, beta, share) - p) > 1e-11 * p
        if not lost.any():
            break
        share[lost] = inverse(alpha, beta, p[lost] * (1 + units * 2.0**-52))
    return share
