"""Lattices of different steps, each for the losses that it sees sharply."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.analytic.compound import Compound, transform_of_sum
from engines.prism.analytic.grid import Grid
from engines.prism.analytic.lattice import Rounding
from engines.prism.analytic.level import Level
from engines.prism.analytic.span import Span, unit_of
from engines.prism.distributions import Floats
from engines.progress import Progress, unreported

CELLS: Final = 1 << 11
"""Points of a lattice where nothing asks for more."""
MAX_CELLS: Final = 1 << 22
"""A lattice of so many points takes half a gigabyte while it is computed."""
NEGLIGIBLE: Final = 1e-13
"""The probability beyond the last lattice, and below the first."""
_MAX_LEVELS: Final = 64
_SURELY: Final = 1 - 1e-16
_MARGIN: Final = 8
_ROUNDING_ERROR: Final = 1e-16


class Ladder:
    """The distribution of the sum of independent years.

    Sums below the end of a lattice need nothing of what lies beyond. So each lattice answers for
    the losses from its `first` point to its end, and the next one, coarser, goes on from there.
    They are made when they are first asked for.
    """

    def __init__(self, years: Sequence[Compound], progress: Progress = unreported) -> None:
        self.years = years
        self.mean = math.fsum(year.mean for year in years)
        nothing = math.fsum(math.log1p(-min(each.probability_of_loss, _SURELY)) for each in years)
        self.probability_of_nothing = math.exp(nothing)
        self.probability_of_loss = -math.expm1(nothing)
        self.progress = progress
        self._levels: list[Level] = []
        self.unit = unit_of(years)
        self.only_atoms = all(
            math.isinf(amount.scale) for year in years for _, amount in year.event.parts
        )
        if self.probability_of_loss <= 0 or self.mean <= 0:
            return
        self._span = Span.of(years, self.probability_of_loss, self.unit)
        self._cells = CELLS * self._span.sharpness
        self._first = self._cells // 16
        reach = self._span.reach
        step = self._span.step(self._span.mean)
        self._levels.append(self._level(min(step, reach / self._first), reach, 1.0))

    @property
    def is_exact(self) -> bool:
        """Whether all amounts lie on the lattices, so that nothing is rounded."""
        return all(self._is_exact(level.step) for level in self._levels)

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(S <= x) >= u, for each u from 0 up to, not including, 1."""
        losses = np.zeros_like(u)
        rest = u > self.probability_of_nothing
        if not self._levels or not rest.any():
            return losses
        self._reach_down_to(float(u[rest].min()))
        while self._levels[-1].cdf[-1] < u[rest].max() and self._go_up():
            pass
        for level in self._levels:
            here = rest & ((u <= level.cdf[-1]) | (level is self._levels[-1]))
            losses[here] = level.quantile(u[here])
            rest = rest & ~here
        return losses

    def survival(self, x: Floats) -> Floats:
        """Give P(S > x) for each x."""
        at_zero = np.full_like(x, self.probability_of_loss)
        return self._by_level(x, at_zero, lambda level, x: 1 - level.probability_up_to(x))

    def limited_mean(self, x: Floats) -> Floats:
        """Give E min(S, x) for each x."""
        return self._by_level(x, np.zeros_like(x), lambda level, x: level.limited_mean(x))

    def limited_square(self, x: Floats) -> Floats:
        """Give E min(S, x)^2 for each x."""
        return self._by_level(x, np.zeros_like(x), lambda level, x: level.limited_square(x))

    def level_of(self, u: float) -> Level | None:
        """Give the level that answers for the quantile at u; `None` where that is 0."""
        if not self.quantile(np.array([u]))[0] > 0:
            return None
        return next((each for each in self._levels if u <= each.cdf[-1]), self._levels[-1])

    def step_at(self, x: float) -> float:
        """Give the step of the lattice that answers for losses around x; 0 where none is needed."""
        self.survival(np.array([x]))
        return next((each.step for each in self._levels if x <= each.end), 0.0)

    def _by_level(
        self, x: Floats, answers: Floats, ask: Callable[[Level, Floats], Floats]
    ) -> Floats:
        """Ask, for each x above 0, the level that sees losses around it best."""
        rest = x > 0
        if not self._levels or not rest.any():
            return answers
        while self._levels[0].points[self._levels[0].first] > x[rest].min() and self._go_down():
            pass
        while self._levels[-1].end < x[rest].max() and self._go_up():
            pass
        for level in self._levels:
            here = rest & ((x <= level.end) | (level is self._levels[-1]))
            answers[here] = ask(level, np.minimum(x[here], level.end))
            rest = rest & ~here
        return answers

    def _reach_down_to(self, u: float) -> None:
        while self._levels[0].cdf[self._levels[0].first] >= u and self._go_down():
            pass

    def _go_up(self) -> bool:
        """Make the next coarser level, unless next to nothing is left beyond the last one."""
        top = self._levels[-1]
        beyond = 1 - float(top.cdf[-1])
        if beyond < NEGLIGIBLE or len(self._levels) >= _MAX_LEVELS:
            return False
        x = top.end
        step = min(x / self._first, self._span.step(x))
        reach = self._span.reach if x < 0.99 * self._span.reach else 2 * x
        self._levels.append(self._level(max(step, top.step), reach, beyond))
        return True

    def _go_down(self) -> bool:
        """Make the next finer level, unless the first sees all there is."""
        bottom = self._levels[0]
        x = float(bottom.points[bottom.first])
        if self._is_exact(bottom.step) or len(self._levels) >= _MAX_LEVELS:
            return False
        if bottom.cdf[bottom.first] - self.probability_of_nothing < NEGLIGIBLE:
            return False
        self._levels.insert(0, self._level(x / (self._cells - _MARGIN), x, 1.0))
        return True

    def _level(self, step: float, reach: float, beyond: float) -> Level:
        step = self._on_unit(step, reach)
        cells = self._cells
        while cells < reach / step + _MARGIN:
            cells *= 2
        if cells > MAX_CELLS:
            raise InvalidInput(
                "scenarios",
                expected=f"a year's loss that {MAX_CELLS:,} points tell apart",
                received=f"one that takes {cells:,}",
            )
        # What comes back, exp(-tilt) of a tenth of what is beyond, then equals what the rounding
        # errors have grown to in the middle, exp(tilt / 2) times their usual size.
        tilt = 2 / 3 * math.log(0.1 * beyond / _ROUNDING_ERROR)
        grid = Grid(step, cells, tilt)
        pair = transform_of_sum(self.years, grid, Rounding.KEEPING_MOMENTS, self.progress)
        aligned = self.unit is not None and step <= self.unit
        first = 1 if self._is_exact(step) else self._first
        return Level.of(
            grid, pair, self.probability_of_nothing, first=first, beyond=beyond, aligned=aligned
        )

    def _on_unit(self, step: float, reach: float) -> float:
        """Give a step, no wider, such that all atoms are on the lattice, where that can be."""
        if self.unit is None or step > self.unit:
            fits = self.only_atoms and self.unit is not None and reach < MAX_CELLS / 2 * self.unit
            return self.unit if fits and self.unit is not None else step
        if self.only_atoms:
            return self.unit
        # A power of 2, so that the points are what they should be to the last digit.
        return float(self.unit / 2 ** math.ceil(math.log2(self.unit / step)))

    def _is_exact(self, step: float) -> bool:
        return self.only_atoms and step == self.unit
