"""A bell curve, cut where values are impossible."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

import numpy as np
from scipy import special

from engines.errors import InvalidInput
from engines.prism.distributions.distribution import LARGEST, Floats
from engines.prism.distributions.parameters import (
    check_mean,
    check_order,
    check_positive,
    check_range,
)

_NODES, _WEIGHTS = (np.asarray(each) / 2 for each in special.roots_legendre(20))
_NODES += 0.5  # over [0, 1], and the weights add up to 1
_POLISHING_STEPS: Final = 3
"""Newton's steps double the digits; the first guess has three at least."""


@dataclass(frozen=True)
class Normal:
    """A normal distribution, given that it falls in [low, high].

    `location` and `standard_deviation` are those of the whole bell. What is cut off is shared out
    over what remains, so `mean` and `variance` are those of the truncated distribution.

    Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, vol. 1 (2nd ed.,
    Wiley 1994), section 13.10.1.
    """

    location: float
    standard_deviation: float
    low: float = 0.0
    high: float = math.inf

    SMALLEST_SHARE: ClassVar[float] = 0.001
    """If less of the bell is left, another distribution was meant."""

    def __post_init__(self) -> None:
        check_range("location", self.location, -LARGEST, LARGEST)
        check_positive("standard_deviation", self.standard_deviation)
        check_range("low", self.low)
        check_range("high", self.high, 0, math.inf)
        check_order(self.low, self.high)
        if not self._share >= self.SMALLEST_SHARE:
            field = "low" if self.location < self.low else "high"
            expected = f"to keep at least {self.SMALLEST_SHARE:g} of the normal distribution"
            raise InvalidInput(field, expected=expected, received=getattr(self, field))
        check_mean("standard_deviation", self.mean)

    @cached_property
    def mean(self) -> float:
        return float(self.limited_mean(np.array(math.inf)))

    @cached_property
    def variance(self) -> float:
        if self._width < 1:  # the closed form would take large numbers from each other
            steps = self._width * _NODES
            density = _WEIGHTS * _density(self._start + steps)
            middle = float(np.average(steps, weights=density))
            square = float(np.average((steps - middle) ** 2, weights=density))
        else:
            at_start, at_end = float(_density(self._start)), float(_density(self._end))
            moment = self._start * at_start - (0.0 if at_end == 0 else self._end * at_end)
            square = 1 + moment / self._share - ((at_start - at_end) / self._share) ** 2
        return square * self.standard_deviation**2

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def cdf(self, x: Floats) -> Floats:
        return _mass(self._start, self._standard(x), self._steps(x)) / self._share

    def survival(self, x: Floats) -> Floats:
        beyond = _mass(self._standard(x), self._end, self._steps_back(x))
        return beyond / self._share

    def quantile(self, p: Floats) -> Floats:
        return np.where(p <= 0.5, self._from_low(p), self._from_high(1 - p))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.where(p < 0.5, self._from_high(p), self._from_low(1 - p))

    def limited_mean(self, x: Floats) -> Floats:
        steps = self._steps(x)
        # density(start) - density(start + steps), without taking near equals from each other
        exponent = steps * (self._start + steps / 2)
        higher = np.where(exponent >= 0, _density(self._start), -_density(self._start + steps))
        drop = -higher * np.expm1(-np.abs(exponent))
        below = self.location * self.cdf(x) + self.standard_deviation * drop / self._share
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x < self.low, x, below + finite * self.survival(x))

    @property
    def _start(self) -> float:
        """The lower bound in standard deviations from the location."""
        return (self.low - self.location) / self.standard_deviation

    @property
    def _end(self) -> float:
        """The upper bound in standard deviations from the location."""
        return (self.high - self.location) / self.standard_deviation

    @property
    def _width(self) -> float:
        """From the lower to the upper bound, in standard deviations."""
        return (self.high - self.low) / self.standard_deviation

    @cached_property
    def _share(self) -> float:
        """The normal's probability of the interval."""
        return float(_mass(self._start, self._end, self._width))

    def _standard(self, x: Floats) -> Floats:
        """Give x, or the bound it is beyond, in standard deviations from the location."""
        return (np.clip(x, self.low, self.high) - self.location) / self.standard_deviation

    def _steps(self, x: Floats) -> Floats:
        """Give how far x is from the lower bound, in standard deviations."""
        return np.clip((x - self.low) / self.standard_deviation, 0, self._width)

    def _steps_back(self, x: Floats) -> Floats:
        """Give how far x is from the upper bound, in standard deviations."""
        if math.isinf(self.high):
            return np.full_like(x, math.inf)
        return np.clip((self.high - x) / self.standard_deviation, 0, self._width)

    def _from_low(self, p: Floats) -> Floats:
        """Give x with P(X <= x) = p, for p that is not near 1."""
        start, target = self._start, p * self._share
        if start < 0:
            steps = special.ndtri(special.ndtr(start) + target) - start
        else:
            steps = -special.ndtri(special.ndtr(-start) - target) - start
        with np.errstate(divide="ignore"):
            straight = target / _density(start)
        # So near to the bound the density is level, and the difference above has lost its digits.
        near = straight * max(1.0, abs(start)) < 1e-3
        return self._polished(
            np.where(near, straight, steps),
            lambda steps: _mass(start, start + steps, steps) - target,
        )

    def _from_high(self, p: Floats) -> Floats:
        """Give x with P(X > x) = p, for p that is not near 1."""
        start, end, target = self._start, self._end, p * self._share
        if end < 0:
            steps = special.ndtri(special.ndtr(end) - target) - start
        else:
            steps = -special.ndtri(special.ndtr(-end) + target) - start
        return self._polished(
            steps, lambda steps: target - _mass(start + steps, end, self._width - steps)
        )

    def _polished(self, steps: Floats, excess: Callable[[Floats], Floats]) -> Floats:
        """Give x from its guessed distance to the lower bound, after Newton's method."""
        for _ in range(_POLISHING_STEPS):
            steps = np.clip(steps, 0, self._width)
            steps = steps - excess(steps) / _density(self._start + steps)
        return self.low + self.standard_deviation * np.clip(steps, 0, self._width)


def _density(z: float | Floats) -> Floats:
    return np.asarray(np.exp(-np.square(z) / 2) / math.sqrt(2 * math.pi))


def _mass(start: float | Floats, end: float | Floats, width: float | Floats) -> Floats:
    """Give the standard normal's probability from `start` to `end`, which are `width` apart."""
    start, end, width = np.broadcast_arrays(start, end, width)
    # Taken in the lower tail, where ndtr has its digits.
    mirrored = start + end > 0
    lower, upper = np.where(mirrored, -end, start), np.where(mirrored, -start, end)
    whole = special.ndtr(upper)
    mass = np.asarray(whole - special.ndtr(lower))
    narrow = mass < 0.1 * whole
    if narrow.any():
        low, wide = lower[narrow], width[narrow]
        # Node by node: a matrix product would round by the size of the array.
        mass[narrow] = wide * sum(
            weight * _density(low + wide * node)
            for node, weight in zip(_NODES, _WEIGHTS, strict=True)
        )
    return mass
