"""What is kept of simulated years: enough for every answer, small, and mergeable in any order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.loss_cells import (
    CELLS,
    MOST_PACKED,
    count_above,
    count_losses,
    lower_edges,
    residual_units,
    unpacked,
)


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
        inside = self.residuals * residual_units(self.cells)
        return np.asarray(self.counts * lower_edges(self.cells) + inside)

    @cached_property
    def means(self) -> Floats:
        """The mean of the losses in each of `cells`."""
        inside = self.residuals / self.counts * residual_units(self.cells)
        return np.clip(lower_edges(self.cells) + inside, self.smallest, self.largest)

    @property
    def mean(self) -> float:
        return math.fsum(self.sums) / self.trials


class LossCounter:
    """Counts losses as they come. Its memory, three MiB at most, does not grow with them.

    Compiled loops write into the four arrays by `count_losses` and `count_above` themselves, and
    call `collect` after at most `MOST_PACKED` losses.
    """

    def __init__(self, thresholds: Sequence[float] = ()) -> None:
        self.packed = np.zeros(CELLS, dtype=np.uint64)
        self.extremes = np.array([2**64 - 1, 0], dtype=np.uint64)
        self.thresholds = np.array(thresholds, dtype=np.float64)
        self.above = np.zeros(self.thresholds.size, dtype=np.int64)
        self._counts = np.zeros(CELLS, dtype=np.int64)
        self._residuals = np.zeros(CELLS, dtype=np.int64)

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
        occupied = np.flatnonzero(self.packed)
        counts, residuals = unpacked(self.packed[occupied])
        self._counts[occupied] += counts
        self._residuals[occupied] += residuals
        self.packed[occupied] = 0

    def tally(self) -> LossTally:
        """Give the tally of all losses, at least one, since the beginning."""
        occupied = np.flatnonzero(self._counts)
        smallest, largest = self.extremes.view(np.float64).tolist()
        return LossTally(
            trials=int(self._counts.sum()),
            cells=occupied,
            counts=self._counts[occupied],
            residuals=self._residuals[occupied],
            smallest=smallest,
            largest=largest,
            thresholds=tuple(self.thresholds.tolist()),
            above=tuple(self.above.tolist()),
        )


def merge(tallies: Sequence[LossTally]) -> LossTally:
    """Give the tally of all the years of `tallies`, at least one, with the same thresholds."""
    cells, place = np.unique(np.concatenate([t.cells for t in tallies]), return_inverse=True)
    counts, residuals = np.zeros((2, cells.size), dtype=np.int64)
    np.add.at(counts, place, np.concatenate([t.counts for t in tallies]))
    np.add.at(residuals, place, np.concatenate([t.residuals for t in tallies]))
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
