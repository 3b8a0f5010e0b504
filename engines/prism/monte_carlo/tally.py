"""What is kept of simulated years: enough for every answer, small, and mergeable in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.accurate_sum import accurate_sum
from engines.prism.monte_carlo.loss_cells import (
    CELLS,
    MOST_PACKED,
    count_above,
    count_losses,
    highest_cell,
    lower_edges,
    residual_units,
    unpacked,
)

Cells = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Occupied cells, ascending, with their counts and residuals."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LossTally:
    """Annual losses, summed up in whole numbers: merging is exact, so its order does not matter."""

    trials: int
    cells: NDArray[np.int64]
    """The occupied cells of `loss_cells`, ascending."""
    counts: NDArray[np.int64]
    """Years in each of `cells`."""
    residuals: NDArray[np.int64]
    """The sum, over the years in each of `cells`, of where in the cell they lie: at most
    trials * 2^22, so for 10^9 trials still an integer that a JSON number keeps."""
    smallest: float
    largest: float
    thresholds: tuple[float, ...] = ()
    above: tuple[int, ...] = ()
    """Years that cost more than each of `thresholds`."""

    @cached_property
    def sums(self) -> Floats:
        """The total of the losses in each of `cells`."""
        return np.asarray(self.counts * self._edges + self.residuals * self._units)

    @cached_property
    def means(self) -> Floats:
        """The mean of the losses in each of `cells`."""
        inside = self.residuals / self.counts * self._units
        return np.clip(self._edges + inside, self.smallest, self.largest)

    @cached_property
    def mean(self) -> float:
        """Of all years; to the last digit where all cost the same."""
        return min(max(float(accurate_sum(self.sums)) / self.trials, self.smallest), self.largest)

    @cached_property
    def _edges(self) -> Floats:
        return lower_edges(self.cells)

    @cached_property
    def _units(self) -> Floats:
        return residual_units(self.cells)


class LossCounter:
    """Counts losses as they come. Its memory, a MiB, does not grow with them.

    Compiled loops write into the arrays by `count_losses` and `count_above` themselves, and call
    `collect` after at most `MOST_PACKED` losses.
    """

    def __init__(self, thresholds: Sequence[float] = ()) -> None:
        self.packed = np.zeros(CELLS, dtype=np.uint64)
        self.extremes = np.array([2**64 - 1, 0], dtype=np.uint64)
        self.thresholds = np.array(thresholds, dtype=np.float64)
        self.above = np.zeros(self.thresholds.size, dtype=np.int64)
        self._collected: list[Cells] = []

    def add(self, losses: Floats) -> None:
        """Count some losses. Raises on NaN, infinity and negative numbers: a defect of ours."""
        for first in range(0, losses.size, MOST_PACKED):
            part = losses[first : first + MOST_PACKED]
            if not count_losses(part, self.packed, self.extremes):
                raise ArithmeticError("a simulated loss is not an amount")
            count_above(part, self.thresholds, self.above)
            self.collect()

    def collect(self) -> None:
        """Unpack what was counted, and make room."""
        used = self.packed[: highest_cell(float(self.extremes.view(np.float64)[1])) + 1]
        occupied = np.flatnonzero(used != 0)
        self._collected = [_added([*self._collected, (occupied, *unpacked(used[occupied]))])]
        used[occupied] = 0

    def tally(self) -> LossTally:
        """Give the tally of all losses, at least one, since the beginning."""
        cells, counts, residuals = self._collected[0]
        smallest, largest = self.extremes.view(np.float64).tolist()
        return LossTally(
            trials=int(counts.sum()),
            cells=cells,
            counts=counts,
            residuals=residuals,
            smallest=smallest,
            largest=largest,
            thresholds=tuple(self.thresholds.tolist()),
            above=tuple(self.above.tolist()),
        )


def merge(tallies: Sequence[LossTally]) -> LossTally:
    """Give the tally of all the years of `tallies`, at least one, with the same thresholds."""
    cells, counts, residuals = _added([(t.cells, t.counts, t.residuals) for t in tallies])
    return LossTally(
        trials=sum(t.trials for t in tallies),
        cells=cells,
        counts=counts,
        residuals=residuals,
        smallest=min(t.smallest for t in tallies),
        largest=max(t.largest for t in tallies),
        thresholds=tallies[0].thresholds,
        above=tuple(map(sum, zip(*(t.above for t in tallies), strict=True))),
    )


def _added(parts: Sequence[Cells]) -> Cells:
    """Add up the counts and residuals of equal cells."""
    present = [part for part in parts if part[0].size > 0]
    if len(present) <= 1:
        return present[0] if present else parts[0]
    columns = [np.concatenate(column) for column in zip(*present, strict=True)]
    cells, place = np.unique(columns[0], return_inverse=True)
    counts, residuals = np.zeros((2, cells.size), dtype=np.int64)
    np.add.at(counts, place, columns[1])
    np.add.at(residuals, place, columns[2])
    return cells, counts, residuals
