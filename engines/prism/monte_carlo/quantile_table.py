"""Quantile functions in pieces, so that a random word becomes a variate in a nanosecond.

A word is a side (is the value in the lower or the upper half?) and a tail probability: how much of
that half lies further out. Tails are cut where they halve, and each such octave into 32 cells of
equal width; in a cell the quantile is a straight line. The cells are the exponent and the top of
the fraction of the tail as a double, so finding one takes no search and no logarithm, and they grow
finer towards both ends as quantiles grow steeper.

Each line has the slope of its chord, and its height is such that the mean over the cell is that of
the distribution (Simpson's rule). So the table's mean is right to a few parts in 1e9, its variance
to 1e-7, and no value is off by more than about the square of a cell's relative width over eight,
1e-4 of what it is: less than the standard error of any percentile of a million trials. What a tail
holds beyond 2^-45 is left out; it counts only where the variance is all but infinite (a lognormal
of sigma 4 loses 2e-4 of its mean), and no simulation would meet it.

Atoms are never interpolated between: distributions that have them get a `StepTable`.

Source of the idea: Hormann, Leydold and Derflinger, Automatic Nonuniform Random Variate Generation
(Springer 2004), chapter 7, "Transformed density rejection and numerical inversion".
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numba import uint64

from engines.prism.distributions import Beta, Floats, Pert
from engines.prism.monte_carlo.beta_quantiles import beta_quantiles
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.float_bits import bits_of
from engines.prism.monte_carlo.random_state import BATCH, word

OCTAVES: Final = 44
"""Of tail probability on a side: the outermost cell begins at 2^-45, 3e-14. In the largest
simulation one draw in a thousand simulations falls there."""
CELL_BITS: Final = 5
"""2^5 cells an octave."""
CELLS: Final = 2 * OCTAVES << CELL_BITS
"""Of a table, both sides."""
TABLE_SIZE: Final = 2 * CELLS
"""Doubles in a table: of each cell the height at 0, and the slope."""

_SIDE = OCTAVES << CELL_BITS
_FRACTION_SHIFT = 52 - CELL_BITS
_FIRST_CELL = 1023 << CELL_BITS
_WORD_SHIFT = 64 - OCTAVES


class Invertible(Protocol):
    """What can be drawn by its quantiles, as every `Distribution` can."""

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest possible value; either may be infinite."""

    def quantile(self, p: Floats) -> Floats:
        """The smallest x with P(X <= x) >= p, for p in (0, 1)."""

    def upper_quantile(self, p: Floats) -> Floats:
        """The smallest x with P(X > x) <= p, for p in (0, 1)."""


def quantile_table(distribution: Invertible) -> Floats:
    """Tabulate a distribution without atoms: `TABLE_SIZE` doubles, the lower side first.

    The value at tail probability t of side s is height + slope * (t * 2^(OCTAVES + 1)).
    """
    tails = np.ldexp(_scaled_tails(), -OCTAVES - 1)
    if isinstance(distribution, Pert):
        lower, upper = beta_quantiles(distribution.as_beta, tails)
    elif isinstance(distribution, Beta):
        lower, upper = beta_quantiles(distribution, tails)
    else:
        lower, upper = distribution.quantile(tails), distribution.upper_quantile(tails)
    return np.concatenate([_lines(side, *distribution.support) for side in (lower, upper)])


def _scaled_tails() -> Floats:
    """Give the edges and middles of a side's cells in turn, times 2^(OCTAVES + 1)."""
    halves = np.arange(2 * _SIDE + 1, dtype=np.uint64) + np.uint64(2 * _FIRST_CELL)
    return (halves << np.uint64(_FRACTION_SHIFT - 1)).view(np.float64)


def _lines(values: Floats, low: float, high: float) -> Floats:
    """Give height at 0 and slope of each cell's line: slope of the chord, mean of the curve.

    A line that would leave [low, high] is made flat.
    """
    tails = _scaled_tails()
    edges, middles = tails[::2], tails[1::2]
    slopes = np.diff(values[::2]) / np.diff(edges)
    means = (values[:-2:2] + 4 * values[1::2] + values[2::2]) / 6
    heights = means - slopes * middles
    ends = np.stack([heights + slopes * edges[:-1], heights + slopes * edges[1:]])
    leaves = (ends < low).any(axis=0) | (ends > high).any(axis=0)
    table = np.where(leaves, [means, np.zeros_like(means)], [heights, slopes])
    return np.ascontiguousarray(table.T).ravel()


@compiled
def tail_of(random):  # type: ignore[no-untyped-def]
    """Give the tail probability in a word, times 2^(OCTAVES + 1): odd, so that 0 never comes."""
    return np.float64(np.int64((random >> uint64(_WORD_SHIFT)) | uint64(1)))


@compiled
def cell_of(tail, upper):  # type: ignore[no-untyped-def]
    """Give where in a table the cell of a tail (scaled as above) on a side (0 or 1) begins."""
    cell = (bits_of(tail) >> uint64(_FRACTION_SHIFT)) - uint64(_FIRST_CELL)
    return (cell + upper * uint64(_SIDE)) << uint64(1)


@compiled
def add_variates(out, table, start, first_word, cells, tails):  # type: ignore[no-untyped-def]
    """Add to each of `out` a variate of `table`, from words `first_word` on.

    `cells` (unsigned) and `tails` are room for `BATCH` numbers.
    """
    for batch in range(0, out.size, BATCH):
        part = out[batch : batch + BATCH]
        _find(part.size, start, first_word + uint64(batch), cells, tails)
        for i in range(uint64(part.size)):
            at = cells[i]
            part[i] += table[at] + table[at + uint64(1)] * tails[i]


@compiled
def multiply_by_variates(out, table, start, first_word, cells, tails):  # type: ignore[no-untyped-def]
    """Multiply each of `out` by a variate of `table`; otherwise as `add_variates`."""
    for batch in range(0, out.size, BATCH):
        part = out[batch : batch + BATCH]
        _find(part.size, start, first_word + uint64(batch), cells, tails)
        for i in range(uint64(part.size)):
            at = cells[i]
            part[i] *= table[at] + table[at + uint64(1)] * tails[i]


@compiled
def _find(count, start, first_word, cells, tails):  # type: ignore[no-untyped-def]
    """Find cell and tail of `count` words. By itself, this loop runs in SIMD."""
    for i in range(uint64(count)):
        random = word(start, first_word + uint64(i))
        tail = tail_of(random)
        tails[i] = tail
        cells[i] = cell_of(tail, random & uint64(1))
