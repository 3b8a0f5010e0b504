"""What is kept of simulated years: enough for every answer, small, and mergeable in any order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from engines.prism.loss_histogram import CELLS, cells_of


@dataclass(frozen=True, kw_only=True, eq=False)
class LossTally:
    """Annual losses, summed up.

    Merging adds integers, and keeps the sums of blocks apart until `math.fsum` rounds their exact
    total once: two tallies of the same blocks give the same bits however the blocks were shared.
    """

    trials: int
    cells: NDArray[np.int64]
    """The occupied cells of `loss_histogram`, ascending."""
    counts: NDArray[np.int64]
    """Years in each of `cells`."""
    block_sums: tuple[float, ...]
    block_square_sums: tuple[float, ...]
    smallest: float
    largest: float
    above_appetite: int
    """Years that cost more than the appetite; 0 when there is none."""

    @property
    def mean(self) -> float:
        return math.fsum(self.block_sums) / self.trials

    @property
    def standard_deviation(self) -> float:
        """The sample standard deviation; NaN for a single year."""
        if self.trials == 1:
            return math.nan
        total = math.fsum(self.block_sums)
        squares = math.fsum((*self.block_square_sums, -total * (total / self.trials)))
        return math.sqrt(max(0.0, squares) / (self.trials - 1))


def tally(blocks: Iterable[NDArray[np.float64]], *, appetite: float | None) -> LossTally:
    """Sum up blocks of annual losses, holding one at a time. Raises on infinity and NaN."""
    # 16 MiB, of which only the pages of occupied cells are ever touched.
    counts = np.zeros(CELLS, dtype=np.int64)
    trials, above_appetite = 0, 0
    smallest, largest = math.inf, -math.inf
    sums, square_sums = [], []
    for losses in blocks:
        if not np.isfinite(losses).all():
            raise ArithmeticError("an annual loss is not a finite number")
        cells, occurrences = np.unique(cells_of(losses), return_counts=True)
        counts[cells] += occurrences
        trials += losses.size
        sums.append(float(losses.sum()))
        square_sums.append(float(np.square(losses).sum()))
        smallest = min(smallest, float(losses.min()))
        largest = max(largest, float(losses.max()))
        if appetite is not None:
            above_appetite += int(np.count_nonzero(losses > appetite))
    occupied = np.flatnonzero(counts)
    return LossTally(
        trials=trials,
        cells=occupied,
        counts=counts[occupied],
        block_sums=tuple(sums),
        block_square_sums=tuple(square_sums),
        smallest=smallest,
        largest=largest,
        above_appetite=above_appetite,
    )


def merge(tallies: Sequence[LossTally]) -> LossTally:
    """Give the tally of all the years of `tallies`, at least one, in any order."""
    cells, place = np.unique(np.concatenate([t.cells for t in tallies]), return_inverse=True)
    counts = np.zeros(cells.size, dtype=np.int64)
    np.add.at(counts, place, np.concatenate([t.counts for t in tallies]))
    return LossTally(
        trials=sum(t.trials for t in tallies),
        cells=cells,
        counts=counts,
        block_sums=tuple(chain.from_iterable(t.block_sums for t in tallies)),
        block_square_sums=tuple(chain.from_iterable(t.block_square_sums for t in tallies)),
        smallest=min(t.smallest for t in tallies),
        largest=max(t.largest for t in tallies),
        above_appetite=sum(t.above_appetite for t in tallies),
    )
