"""What each scenario, and each form of loss, brings to the mean and to the tail.

Years are told apart by coarse cells of their total loss, sixteen an octave. Of each part the share
in each cell is kept: the sum of its losses, in units of a fraction of the cell's octave, so that
whole numbers are added and their order does not matter. A part of the tail's mean is then the
tail's losses in each cell, known from the fine tally, times that share; the parts add up to it.

Source of the decomposition: Tasche, "Risk contributions and performance measurement" (1999): the
contribution to the tail value at risk is E[X_k | S > VaR].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo import loss_cells
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.float_bits import double_of
from engines.prism.monte_carlo.loss_cells import cell_of_bits, rounded_bits
from engines.prism.monte_carlo.ranked_losses import RankedLosses
from engines.prism.monte_carlo.tally import LossTally

CELL_BITS: Final = 4
"""2^4 cells an octave of the total loss."""
CELLS: Final = loss_cells.OCTAVES << CELL_BITS
UNIT_BITS: Final = 22
"""Of precision within an octave: the sums of 10^9 years stay integers that JSON keeps."""

_UNIT_EXPONENT = UNIT_BITS - 1 + 2 * 1023


@dataclass(frozen=True, kw_only=True, eq=False)
class PartTally:
    """The losses of parts of a total, by cells of the total."""

    names: tuple[str, ...]
    cells: NDArray[np.int64]
    """The occupied cells, ascending."""
    sums: NDArray[np.int64]
    """Of each name (rows) in each cell (columns), in 2^-22 of the end of the cell's octave."""


@dataclass(frozen=True)
class Contribution:
    """What one part brings to the mean annual loss and to the tail value at risk."""

    name: str
    mean: float
    tail: float


@compiled
def count_parts(total, parts, sums):  # type: ignore[no-untyped-def]
    """Add parts, one a row, of each of `total` to `sums`, one a row, `CELLS` columns."""
    for year in range(uint64(total.size)):
        bits = rounded_bits(total[year])
        cell = cell_of_bits(bits) >> uint64(loss_cells.CELL_BITS - CELL_BITS)
        # 2^22 over the end of the octave; the exponents' biases are in the constant.
        unit = double_of((uint64(_UNIT_EXPONENT) - (bits >> uint64(52))) << uint64(52))
        for part in range(sums.shape[0]):
            sums[part, cell] += np.int64(parts[part, year] * unit + 0.5)


def part_tally(names: Sequence[str], sums: NDArray[np.int64]) -> PartTally:
    """Give the occupied cells of `sums`."""
    cells = np.flatnonzero(sums.any(axis=0))
    return PartTally(names=tuple(names), cells=cells, sums=sums[:, cells])


def merge_parts(tallies: Sequence[PartTally]) -> PartTally:
    """Give the tally of all the years of `tallies`, at least one, of the same parts."""
    cells, place = np.unique(np.concatenate([t.cells for t in tallies]), return_inverse=True)
    columns = np.zeros((cells.size, len(tallies[0].names)), dtype=np.int64)
    np.add.at(columns, place, np.concatenate([t.sums.T for t in tallies]))
    return PartTally(names=tallies[0].names, cells=cells, sums=columns.T)


def contributions(parts: PartTally, total: LossTally, percent: float) -> tuple[Contribution, ...]:
    """Give what each part brings to the mean and to the tail value at risk at `percent`."""
    ranked = RankedLosses.of(total)
    shares = parts.sums / np.maximum(parts.sums.sum(axis=0), 1)
    at = np.searchsorted(parts.cells, total.cells >> (loss_cells.CELL_BITS - CELL_BITS))
    tail_years = total.trials * (1 - percent / 100)
    means = _split(shares, at, total.sums) / total.trials
    tails = _split(shares, at, ranked.tail_sums(tail_years)) / tail_years
    return tuple(
        Contribution(name, mean, tail)
        for name, mean, tail in zip(parts.names, means.tolist(), tails.tolist(), strict=True)
    )


def _split(shares: Floats, at: NDArray[np.intp], losses: Floats) -> Floats:
    """Share out losses of the total's cells, which lie in columns `at` of the shares."""
    # A cell without a column has no losses: it is that of years without one.
    columns = np.bincount(at, weights=losses, minlength=shares.shape[1])[: shares.shape[1]]
    return np.asarray(shares @ columns)
