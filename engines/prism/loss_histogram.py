"""Cells that hold every double from 0 up: 1024 in each octave, at most 0.1% wide.

The cell of a loss is the top of its bit pattern: sign, exponent and the first ten bits of the
fraction. IEEE 754 orders positive doubles as it orders their bits, so cells are ordered too, are
found without a logarithm (whose last bit differs between processors), and leave no loss out: there
is nothing below the first cell or above the last. Only infinity and NaN have no place, and
`tally` refuses them. The same layout, for integers, is known as HdrHistogram.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS_PER_OCTAVE = 1024
RELATIVE_CELL_WIDTH = 1 / CELLS_PER_OCTAVE
"""The widest a cell is, relative to its lower edge."""

_SHIFT = np.uint64(52 - 10)  # 52 bits of fraction, 10 of them kept: 2**10 cells an octave
CELLS = 0x7FF << 10
"""Cells in all: 2047 exponents (the 2048th is infinity and NaN)."""

ZERO_CELL = 0
"""The cell of years without a loss. Its other members, below 2**-1032, are no money either."""


def cells_of(losses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the cell of each loss: finite, and 0 or more."""
    return (losses.view(np.uint64) >> _SHIFT).astype(np.int64)


def lower_edges(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the smallest loss of each cell."""
    return (cells.astype(np.uint64) << _SHIFT).view(np.float64)


def upper_edges(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the loss at which the next cell begins; the zero cell ends where it begins."""
    return np.where(cells == ZERO_CELL, 0.0, lower_edges(cells + 1))
