"""Where the bulk of a year's loss lies, and how fine a lattice must be to see it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.special import roots_legendre

from engines.prism.analytic.amount import Amount
from engines.prism.analytic.compound import Compound, Event

_TOLERANCE: Final = 1e-6
"""Of a percentile, relative."""
_FINEST: Final = 64
"""Times the usual number of points: beyond it narrow peaks are blurred, as the bracket says."""
_FEW: Final = 50
"""Atoms: if they are not on the lattice each of them shows."""
_LARGEST_INDEX: Final = 1 << 16
"""Of an atom on a lattice made for atoms."""
_POINTS, _WEIGHTS = (np.asarray(each) / 2 for each in roots_legendre(16))
_POINTS += 0.5


@dataclass(frozen=True)
class Span:
    """What a year's loss looks like from afar, given that there is one."""

    mean: float
    deviation: float
    """The standard deviation, each event's cost counted up to `mean` only."""
    parts: tuple[tuple[float, float], ...]
    """The scale of each amount, and what it adds to the mean."""
    sharpness: int
    """How many times as many points as usual narrow peaks ask for: a power of 2."""

    @classmethod
    def of(cls, years: Sequence[Compound], probability_of_loss: float, unit: float | None) -> Self:
        """Look at the sum of these years; `unit` is what all atoms are multiples of."""
        mean = math.fsum(year.mean for year in years) / probability_of_loss
        variance, parts, sharpness = 0.0, [], 1.0
        for year in years:
            clusters = max(year.count.variance - year.count.mean, 0.0)
            variance += clusters * year.event.mean**2 / probability_of_loss
            for share, amount in year.event.parts:
                rate = year.count.mean * share / probability_of_loss
                parts.append((amount.scale, rate * amount.mean))
                variance += rate * _limited_second_moment(amount, mean)
            sharpness = max(sharpness, _sharpness(year))
            values = [amount.atoms[0] for _, amount in year.event.parts]
            if unit is None and any(0 < np.count_nonzero(each) <= _FEW for each in values):
                sharpness = _FINEST
        finer = 1 << math.ceil(math.log2(min(sharpness, _FINEST)))
        return cls(mean, math.sqrt(variance), tuple(parts), finer)

    @property
    def reach(self) -> float:
        """Where the bulk is over."""
        return self.mean + 16 * self.deviation

    def step(self, x: float) -> float:
        """Give the widest step for losses around x.

        An amount narrower than four steps keeps its mean and variance on the lattice, but its third
        cumulant errs by about 2 step^2 times its mean. Cornish and Fisher's expansion tells what
        this moves: step^2 * blurred / (3 width^2), `blurred` the mean of what is so narrow. Far
        beyond the bulk, where one event decides, the tail is as wide as it is far out.
        """
        distance = self.deviation if x <= self.reach else x - self.mean
        step = math.sqrt(3 * _TOLERANCE) * distance
        while 2 * step < x:
            blurred = math.fsum(mean for scale, mean in self.parts if scale < 8 * step)
            if (2 * step) ** 2 * blurred > 3 * _TOLERANCE * distance**2 * x:
                break
            step *= 2
        return step


def unit_of(years: Sequence[Compound]) -> float | None:
    """Give the largest amount that all atoms are multiples of; `None` if there is no good one."""
    atoms = [amount.atoms[0] for year in years for _, amount in year.event.parts]
    values = np.unique(np.concatenate(atoms))
    values = values[values > 0]
    for per_unit in (1, 10, 100, 1000):
        whole = np.rint(values * per_unit)
        if values.size and np.all(np.abs(values * per_unit - whole) <= 1e-12 * whole):
            unit = float(np.gcd.reduce(whole.astype(np.int64))) / per_unit
            return unit if values[-1] <= _LARGEST_INDEX * unit else None
    return float(values[0]) if values.size == 1 else None


def _limited_second_moment(amount: Amount, limit: float) -> float:
    """Give E min(X, limit)^2, the integral of 2 x P(X > x), to a few digits."""
    survival = amount.survival(limit * _POINTS**3)
    return float(6 * limit**2 * (_POINTS**5 * survival) @ _WEIGHTS)


def _sharpness(year: Compound) -> float:
    """Tell how narrow the peaks are that one, two, ... events make, against where they are."""
    sharp = _peak(year.event, [])
    if not math.isfinite(sharp):
        sharp = _peak(year.event, list(year.event.secondary.values()))
    # The sum of so many events has lost its peaks.
    merged = not math.isfinite(sharp) or year.count.mean > sharp**2
    return 1.0 if merged else max(1.0, sharp / 4)


def _peak(event: Event, others: Sequence[Amount]) -> float:
    amounts = [*event.primary.values(), *others]
    widths = [amount.width for amount in amounts if math.isfinite(amount.width)]
    return sum(amount.centre for amount in amounts) / max(widths) if widths else math.inf
