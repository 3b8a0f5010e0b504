"""Between which limits an annual loss lies for sure: all amounts rounded down, and all up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.prism.analytic.amount import Amount
from engines.prism.analytic.compound import Compound, transform_of_sum
from engines.prism.analytic.grid import Grid
from engines.prism.analytic.lattice import Rounding, atom_weights, smooth_weights
from engines.prism.distributions import Floats
from engines.progress import Progress

Limits = tuple[float | None, float | None]

CELLS: Final = 1 << 13
MAX_CELLS: Final = 1 << 16
MOST_AMOUNTS: Final = 300
_MOST_POINTS: Final = 1 << 21
"""Of all amounts of all scenarios together."""
_RATIO: Final = 4.0
"""From the reach of one lattice to that of the next."""
_TILT: Final = 23.0
_NOISE: Final = 1e-11
"""What Fourier transforms may have added to a probability, or taken from it."""


@dataclass(frozen=True)
class Rounded:
    """The distribution of the sum of rounded amounts, up to the end of a lattice."""

    points: Floats
    cdf: Floats
    mean: float
    """Of the whole sum: as rounded as it can be on this side."""

    def quantile(self, u: float) -> float | None:
        """Give the smallest x with P(S <= x) >= u; `None` beyond the end."""
        at = int(np.searchsorted(self.cdf, u))
        return float(self.points[at]) if at < self.points.size else None

    def survival(self, x: float) -> float:
        """Give P(S > x)."""
        return float(1 - self.cdf[np.searchsorted(self.points, x, side="right") - 1])

    def tail_mean(self, u: float) -> float | None:
        """Give the mean of the worst 1 - u of years; `None` beyond the end."""
        at = int(np.searchsorted(self.cdf, u))
        if at >= self.points.size:
            return None
        step = self.points[1]
        limited = math.fsum(step * (1 - self.cdf[:at]))
        return float(self.points[at] + max(self.mean - limited, 0.0) / (1 - u))


class Bracket:
    """Lower and upper limits of percentiles, probabilities and tail means.

    With every amount rounded down to the lattice no year costs more, and with every amount rounded
    up none costs less: percentiles and tail means are ordered in the same way. So the limits hold
    whatever the amounts are like. They are as wide as the step times the number of amounts in a
    year: far wider than the error of the estimate between them. Of more than `MOST_AMOUNTS` a year
    they would say nothing, and there are none.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 9.6.5.
    """

    def __init__(self, years: Sequence[Compound], unit: float | None, progress: Progress) -> None:
        self._years = years
        self._unit = unit
        self._progress = progress
        many = sum(year.count.mean * len(year.event.parts) for year in years)
        self._says_nothing = many > MOST_AMOUNTS
        wanted = CELLS << max(0, math.ceil(math.log2(max(many / 8, 1))))
        parts = sum(len(year.event.parts) for year in years)
        afforded = CELLS >> 2 << max(0, int(math.log2(_MOST_POINTS / (CELLS >> 2) / parts)))
        self._cells = min(wanted, afforded, MAX_CELLS)
        self._rounded: dict[tuple[int, Rounding], Rounded] = {}

    def percentile(self, u: float, value: float) -> Limits:
        """Give the limits of the quantile at `u`, which is about `value`."""
        if self._says_nothing:
            return None, None
        low = self._at(value, Rounding.DOWN).quantile(u - _NOISE)
        high = self._at(2 * value, Rounding.UP).quantile(u + _NOISE)
        return min(value, low or 0.0), None if high is None else max(value, high)

    def tail_mean(self, u: float, at: float, value: float) -> Limits:
        """Give the limits of the tail mean beyond the quantile `at`, which is about `value`."""
        if self._says_nothing:
            return None, None
        low = self._at(at, Rounding.DOWN).tail_mean(u)
        high = self._at(2 * at, Rounding.UP).tail_mean(u)
        return min(value, low or 0.0), None if high is None else max(value, high)

    def survival(self, x: float, value: float) -> Limits:
        """Give the limits of P(S > x), which is about `value`."""
        if self._says_nothing:
            return None, None
        low = self._at(x, Rounding.DOWN).survival(x) - _NOISE
        high = self._at(x, Rounding.UP).survival(x) + _NOISE
        return max(min(low, value), 0.0), min(max(high, value), 1.0)

    def _at(self, x: float, rounding: Rounding) -> Rounded:
        """Give the sums on a lattice that sees losses around x and a little beyond."""
        power = math.ceil(math.log(1.05 * max(x, 1e-290), _RATIO))
        key = power, rounding
        if key not in self._rounded:
            self._rounded[key] = self._compute(_RATIO**power / self._cells, rounding)
        return self._rounded[key]

    def _compute(self, step: float, rounding: Rounding) -> Rounded:
        if self._unit is not None and step < self._unit:
            step = self._unit / 2 ** math.floor(math.log2(self._unit / step))
        grid = Grid(step, self._cells, _TILT)
        pair = transform_of_sum(self._years, grid, rounding, self._progress)
        cdf = np.clip(np.cumsum(grid.weights(pair.whole)), 0, 1)
        mean = math.fsum(
            year.count.mean * share * _rounded_mean(amount, grid, rounding)
            for year in self._years
            for share, amount in year.event.parts
        )
        return Rounded(grid.points, np.maximum.accumulate(cdf), mean)


def _rounded_mean(amount: Amount, grid: Grid, rounding: Rounding) -> float:
    """Give the mean of the rounded amount, or what it is at least (down) or at most (up)."""
    weights = np.zeros(grid.cells)
    if amount.atoms[0].size:
        weights += atom_weights(amount.atoms, grid.step, grid.cells, rounding)
    if not math.isinf(amount.scale):
        weights += smooth_weights(amount, grid.step, grid.cells, rounding)
    if rounding is Rounding.DOWN:
        weights[-1] = 0.0
    # What is beyond the last point counts with what it is, give or take a step.
    last = grid.points[-1:]
    shift = -grid.step if rounding is Rounding.DOWN else grid.step
    share = float(amount.survival(last)[0])
    beyond = amount.mean - float(amount.limited_mean(last)[0]) + float(last[0]) * share
    return float(weights @ grid.points) + beyond + share * shift
