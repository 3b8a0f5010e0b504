"""The distribution of a year's sum, as far as one lattice sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engines.prism.analytic.compound import Pair
from engines.prism.analytic.grid import Grid
from engines.prism.distributions import Floats

Places = NDArray[np.int64]

LAST_POINTS: Final = 4
"""At the end of the lattice, where the severities are cut."""
LEAST_SHARE: Final = 1e-5
_NEWTON_STEPS: Final = 6


@dataclass(frozen=True)
class Level:
    """P(S <= x) at the points of a lattice, with what it takes to interpolate between them.

    The weights c of the smooth part are samples of its density times the step. Euler and
    Maclaurin's formula makes integrals of them: with f = c / step, and differences for f',

        P(S <= x_j) = sum c_i (i < j) + c_j / 2 - (c_(j+1) - c_(j-1)) / 24 + atoms up to x_j,
        E min(S, x_j) = sum c_i min(x_i, x_j) - step * c_j / 12 + atoms,
        E min(S, x_j)^2 = sum c_i min(x_i, x_j)^2 - step * x_j * c_j / 6 + atoms.

    Source: NIST Digital Library of Mathematical Functions, section 2.10(i).
    """

    grid: Grid
    aligned: bool
    """Whether atoms are told apart from the smooth part."""
    first: int
    """The first point that means much."""
    points: Floats
    before: Floats
    """P(S < x) at each point."""
    cdf: Floats
    """P(S <= x) at each point."""
    slopes: Floats
    """Density times step."""
    limited: Floats
    """E min(S, x) at each point."""
    squares: Floats
    """E min(S, x)^2 at each point."""

    @classmethod
    def of(
        cls,
        grid: Grid,
        pair: Pair,
        probability_of_nothing: float,
        *,
        first: int,
        beyond: float,
        aligned: bool,
    ) -> Self:
        """Give the level from the transforms of the sum.

        Below the `first` point the lattice is too coarse for its numbers to mean much. It ends
        where a share `LEAST_SHARE` is left of the probability `beyond` its beginning: past that,
        the rounding errors show. Unless the atoms are `aligned` with the lattice they count as a
        part of the smooth part.
        """
        weights = grid.weights(pair.whole)
        atoms = np.zeros_like(weights)
        if aligned and pair.only_atoms:
            atoms = weights
        elif aligned and pair.atoms.size > 1:
            atoms = grid.weights(pair.atoms)
        else:
            atoms[0] = probability_of_nothing
        smooth = weights - atoms
        below = sum_below(smooth)
        steps = np.cumsum(atoms)
        cdf = below + steps
        cdf[:first] = np.minimum(cdf[:first], cdf[first])
        cdf = np.maximum.accumulate(cdf)
        all_below = np.cumsum(weights) - weights
        x = grid.points
        limited = np.cumsum(weights * x) - weights * x + x * (1 - all_below)
        squares = np.cumsum(weights * x**2) - weights * x**2 + x**2 * (1 - all_below)
        end = int(np.searchsorted(cdf, 1 - LEAST_SHARE * beyond)) + 2
        use = slice(0, min(max(end, 2 * first), grid.cells - LAST_POINTS))
        return cls(
            grid,
            aligned,
            first,
            grid.points[use],
            np.minimum(below + steps - atoms, cdf)[use],
            cdf[use],
            np.maximum(smooth, 0)[use],
            (limited - grid.step * smooth / 12)[use],
            (squares - grid.step * x * smooth / 6)[use],
        )

    @property
    def step(self) -> float:
        return float(self.points[1])

    @property
    def end(self) -> float:
        return float(self.points[-1])

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(S <= x) >= u, for u up to `cdf[-1]`."""
        at = np.searchsorted(self.cdf, u, side="left")
        at = np.minimum(at, self.points.size - 1)
        previous = np.maximum(at - 1, 0)
        low, high = self.cdf[previous], self.before[at]
        rise = high - low
        between = (u < high) & (at > 0) & (rise > 0)
        safe = np.where(between, rise, 1.0)
        place = np.where(between, (u - low) / safe, 1.0)
        start, end = self._ends(previous, at, safe)
        t = place
        for _ in range(_NEWTON_STEPS):
            value, slope = _hermite(t, start, end)
            t = np.clip(t - (value - place) / np.maximum(slope, 1e-3), 0, 1)
        return np.where(between, self.points[previous] + t * self.step, self.points[at])

    def probability_up_to(self, x: Floats) -> Floats:
        """Give P(S <= x)."""
        at, t, rise = self._cell(x)
        start, end = self._ends(at, at + 1, np.where(rise > 0, rise, 1.0))
        return np.where(t >= 1, self.cdf[at + 1], self.cdf[at] + rise * _hermite(t, start, end)[0])

    def limited_mean(self, x: Floats) -> Floats:
        """Give E min(S, x)."""
        at, t, rise = self._cell(x)
        start, end = self._ends(at, at + 1, np.where(rise > 0, rise, 1.0))
        inside = t * (1 - self.cdf[at]) - rise * _hermite_integral(t, start, end)
        return self.limited[at] + self.step * inside

    def limited_square(self, x: Floats) -> Floats:
        """Give E min(S, x)^2, whose derivative is 2 x P(S > x)."""
        at, _, _ = self._cell(x)
        return self.squares[at] + (self.points[at] + x) * (self.limited_mean(x) - self.limited[at])

    def _cell(self, x: Floats) -> tuple[Places, Floats, Floats]:
        at = np.minimum((x / self.step).astype(np.int64), self.points.size - 2)
        at = np.where(self.points[at] > x, at - 1, at)
        at = np.where(self.points[at + 1] <= x, np.minimum(at + 1, self.points.size - 2), at)
        rise = np.maximum(self.before[at + 1] - self.cdf[at], 0)
        return at, (x - self.points[at]) / self.step, rise

    def _ends(self, first: Places, last: Places, rise: Floats) -> tuple[Floats, Floats]:
        """Give the slopes at either end of a cell, in shares of its rise.

        Up to 3 the cubic between them stays monotone. Source: Fritsch and Carlson, SIAM Journal on
        Numerical Analysis 17 (1980), pp. 238-246.
        """
        return np.minimum(self.slopes[first] / rise, 3), np.minimum(self.slopes[last] / rise, 3)


def sum_below(weights: Floats) -> Floats:
    """Give the integral up to each point of the density that the weights are samples of."""
    padded = np.concatenate([weights[:1], weights, weights[-1:]])
    upto = np.cumsum(weights)
    before = upto - weights
    # Beside a peak narrower than the step there is no slope, and the last term is too much.
    integral = (before + upto) / 2 - (padded[2:] - padded[:-2]) / 24
    return np.asarray(np.clip(integral, np.minimum(before, upto), np.maximum(before, upto)))


def _hermite(t: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Give the cubic from 0 to 1 with these slopes, and its slope."""
    bend = start + end - 2
    tilt = 3 - 2 * start - end
    return t * (start + t * (tilt + t * bend)), start + t * (2 * tilt + 3 * t * bend)


def _hermite_integral(t: Floats, start: Floats, end: Floats) -> Floats:
    """Give the integral of that cubic from 0 to t."""
    return t**2 * (start / 2 + t * ((3 - 2 * start - end) / 3 + t * (start + end - 2) / 4))
