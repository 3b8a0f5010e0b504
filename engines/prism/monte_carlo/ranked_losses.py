"""Losses by their rank, although only cells of them are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.loss_cells import lower_edges, upper_edges
from engines.prism.monte_carlo.tally import LossTally


@dataclass(frozen=True, eq=False)
class RankedLosses:
    """Years in ascending order of their losses, placed within their cells.

    A cell whose residuals divide evenly by its years is taken for an atom: all its years cost its
    mean. That is always so where they do, and by chance in one cell of n years out of n, where it
    moves a loss by half a cell (0.1%) at most. In any other cell the density is the straight line
    that has the mean of its years: the loss at a rank is then off by a small part of the third
    power of the cell's relative width.
    """

    low: Floats
    width: Floats
    means: Floats
    counts: NDArray[np.int64]
    is_atom: NDArray[np.bool_]
    tilts: Floats
    """Half the difference of the density at the ends of a cell, in (-1, 1) of its mean."""

    @classmethod
    def of(cls, tally: LossTally) -> Self:
        """Take the cells of a tally, shortened where its smallest or largest loss is inside."""
        low = np.maximum(lower_edges(tally.cells), tally.smallest)
        high = np.minimum(upper_edges(tally.cells), tally.largest)
        width = np.maximum(high - low, 0.0)
        is_atom = (tally.residuals % tally.counts == 0) | (width == 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            place = np.where(is_atom, 0.5, (tally.means - low) / width)
        # A density 1 + tilt (2 t - 1) on (0, 1) has the mean 1/2 + tilt / 6.
        tilts = np.clip(6 * (place - 0.5), -1, 1)
        return cls(low, width, tally.means, tally.counts, is_atom, tilts)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """The rank of the last year of each cell."""
        return np.cumsum(self.counts)

    @property
    def variances(self) -> Floats:
        """The variance of the losses within each cell."""
        within = self.width**2 / 12 * (1 - self.tilts**2 / 3)
        return np.where(self.is_atom, 0.0, within)

    def loss_at(self, rank: float) -> float:
        """Give the loss that `rank` years, which need not be whole, do not exceed."""
        at = min(int(np.searchsorted(self.ends, rank)), self.ends.size - 1)
        if self.is_atom[at]:
            return float(self.means[at])
        share = 1 - (float(self.ends[at]) - rank) / float(self.counts[at])
        return float(self.low[at] + self.width[at] * _place(share, float(self.tilts[at])))

    def rank_of(self, amount: float) -> int:
        """Give how many years cost at most `amount`."""
        at = int(np.searchsorted(self.low, amount, side="right")) - 1
        if at < 0:
            return 0
        before, count = int(self.ends[at] - self.counts[at]), int(self.counts[at])
        if self.is_atom[at]:
            return before + (count if self.means[at] <= amount else 0)
        place = min((amount - float(self.low[at])) / float(self.width[at]), 1.0)
        return before + round(count * _share(place, float(self.tilts[at])))

    def tail(self, years: float) -> tuple[float, float]:
        """Give mean and variance of the worst `years`, which need not be whole."""
        counts, means, variances = self._tail(years)
        mean = math.fsum((counts * means).tolist()) / years
        mean = min(max(mean, float(means[0])), float(means[-1]))
        squares = counts * (variances + (means - mean) ** 2)
        return mean, math.fsum(squares.tolist()) / years

    def tail_sums(self, years: float) -> Floats:
        """Give the total of the worst `years`, which need not be whole, in each cell."""
        counts, means, _ = self._tail(years)
        return np.concatenate([np.zeros(self.ends.size - counts.size), counts * means])

    def _tail(self, years: float) -> tuple[Floats, Floats, Floats]:
        """Give years, mean and variance of the part of each cell in the tail, the last cells."""
        beyond = float(self.ends[-1]) - years
        at = min(int(np.searchsorted(self.ends, beyond, side="right")), self.ends.size - 1)
        inside = float(self.ends[at]) - beyond
        mean, variance = self._top(at, inside / float(self.counts[at]))
        return (
            np.append(inside, self.counts[at + 1 :]),
            np.append(mean, self.means[at + 1 :]),
            np.append(variance, self.variances[at + 1 :]),
        )

    def _top(self, at: int, share: float) -> tuple[float, float]:
        """Give mean and variance of the upper `share` of a cell."""
        if self.is_atom[at]:
            return float(self.means[at]), 0.0
        tilt, width = float(self.tilts[at]), float(self.width[at])
        place = _place(1 - share, tilt)
        # The integral of t (1 + tilt (2 t - 1)) from the place to 1.
        moment = (1 - tilt) * (1 - place**2) / 2 + 2 * tilt * (1 - place**3) / 3
        middle = moment / share if share > 0 else 1.0
        return float(self.low[at]) + width * middle, (width * (1 - place)) ** 2 / 12


def _share(place: float, tilt: float) -> float:
    """Give the share of a cell's years up to a place in it, both in (0, 1)."""
    return place * (1 - tilt + tilt * place)


def _place(share: float, tilt: float) -> float:
    """Give the place up to which a share of a cell's years lies; undoes `_share`."""
    even = 1 - tilt
    return 2 * share / (even + math.sqrt(even**2 + 4 * tilt * share)) if share > 0 else 0.0
