"""Cells that hold every amount from 0 up: 512 in each octave, at most 0.2% wide.

The cell of a loss is the top of its bit pattern: exponent and the first nine bits of the fraction.
IEEE 754 orders positive doubles as it orders their bits, so cells are ordered too and are found
without a logarithm, whose last bit differs between processors. The next 22 bits, the residual, say
where in its cell a loss lies: as whole numbers they are added without rounding, in any order. Cell
and residual together give a loss to one part in 4e9, after rounding to nearest; whole amounts of up
to nine digits are exact. The same layout, for integers, is known as HdrHistogram.

The cells reach from 2^-40, about 1e-12, to 2^192. Below is no money, and is counted with the years
without a loss. Above is nothing: a mean is at most `LARGEST`, a draw no rarer than 2^-45, and years
have at most 5e7 events. What is above all the same, or NaN, or negative, is refused.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.float_bits import bits_of
from engines.prism.monte_carlo.random_state import BATCH

CELL_BITS: Final = 9
CELLS_PER_OCTAVE: Final = 1 << CELL_BITS
RELATIVE_CELL_WIDTH: Final = 1 / CELLS_PER_OCTAVE
"""The widest a cell is, relative to its lower edge."""
SMALLEST_EXPONENT, OCTAVES = -40, 232
CELLS: Final = OCTAVES << CELL_BITS
ZERO_CELL: Final = 0
"""The cell of years without a loss."""
RESIDUAL_BITS: Final = 22
MOST_PACKED: Final = 1 << 20
"""Losses that a word of `count_losses` has room for."""

_SHIFT = 52 - CELL_BITS
_RESIDUAL_SHIFT = _SHIFT - RESIDUAL_BITS
_RESIDUAL_MASK = (1 << RESIDUAL_BITS) - 1
_HALF = 1 << (_RESIDUAL_SHIFT - 1)
_FIRST = (1023 + SMALLEST_EXPONENT) << 52
_END = (1023 + SMALLEST_EXPONENT + OCTAVES) << 52
_COUNT_BITS = 21


@compiled
def count_losses(losses, packed, extremes):  # type: ignore[no-untyped-def]
    """Count losses in `packed`, of `CELLS` words, and keep the bits of the smallest and largest.

    A word of `packed` is a count in the lower 21 bits and the sum of residuals above: one addition
    to memory a loss, and room for `MOST_PACKED` losses. `extremes` begins as the largest word and
    0. Returns whether all losses have a cell; if not, none is counted.
    """
    smallest, largest = extremes[0], extremes[1]
    for i in range(uint64(losses.size)):
        bits = bits_of(losses[i])
        smallest = min(smallest, bits)
        largest = max(largest, bits)
    # Infinity, NaN and negative numbers, as unsigned bits, are all above the last cell.
    if largest >= uint64(_END - _HALF):
        return False
    extremes[0], extremes[1] = smallest, largest
    # To find cells is a loop of its own because that runs in SIMD.
    cells, words = np.empty(BATCH, np.uint64), np.empty(BATCH, np.uint64)
    for batch in range(0, losses.size, BATCH):
        part = losses[batch : batch + BATCH]
        for i in range(uint64(part.size)):
            bits = rounded_bits(part[i])
            residual = (bits >> uint64(_RESIDUAL_SHIFT)) & uint64(_RESIDUAL_MASK)
            cells[i] = cell_of_bits(bits)
            words[i] = (residual << uint64(_COUNT_BITS)) | uint64(1)
        for i in range(uint64(part.size)):
            packed[cells[i]] += words[i]
    return True


@compiled
def rounded_bits(loss):  # type: ignore[no-untyped-def]
    """Give the bits of a loss of 0 or more, rounded to the residual, no smaller than a cell."""
    return max(bits_of(loss) + uint64(_HALF), uint64(_FIRST))


@compiled
def cell_of_bits(bits):  # type: ignore[no-untyped-def]
    """Give the cell of rounded bits."""
    return (bits - uint64(_FIRST)) >> uint64(_SHIFT)


@compiled
def count_above(losses, thresholds, above):  # type: ignore[no-untyped-def]
    """Add to `above` how many losses are greater than each threshold."""
    for k in range(thresholds.size):
        threshold, count = thresholds[k], 0
        for i in range(uint64(losses.size)):
            count += losses[i] > threshold
        above[k] += count


def highest_cell(largest: float) -> int:
    """Give the last cell that can be occupied."""
    return max(int(np.float64(largest).view(np.uint64)) + _HALF - _FIRST, 0) >> _SHIFT


def unpacked(words: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the counts and the sums of residuals in words of `packed`."""
    counts = words & np.uint64((1 << _COUNT_BITS) - 1)
    return counts.astype(np.int64), (words >> np.uint64(_COUNT_BITS)).astype(np.int64)


def lower_edges(cells: NDArray[np.int64]) -> Floats:
    """Give the smallest loss of each cell; 0 of the zero cell."""
    bits = (cells.astype(np.uint64) << np.uint64(_SHIFT)) + np.uint64(_FIRST)
    return np.where(cells == ZERO_CELL, 0.0, bits.view(np.float64))


def upper_edges(cells: NDArray[np.int64]) -> Floats:
    """Give the loss at which the next cell begins; the zero cell ends where it begins."""
    return np.where(cells == ZERO_CELL, 0.0, lower_edges(cells + 1))


def residual_units(cells: NDArray[np.int64]) -> Floats:
    """Give what one unit of residual is worth in each cell; 0 in the zero cell."""
    return np.ldexp(upper_edges(cells) - lower_edges(cells), -RESIDUAL_BITS)
