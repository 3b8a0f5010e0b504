"""A scenario's annual loss as a function of the score of its rank: its exact quantiles, tabulated.

The table begins at the score of the probability of a year without loss, so that this atom is
exact. Where the loss jumps, as where every event costs the same, a cell of the table has a break at
the very score of the jump; elsewhere it is linear in the score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from engines.prism.annual_loss_answers import Estimate
from engines.prism.dependence.correlation_matrix import Floats
from engines.prism.monte_carlo.compiled import compiled

CELLS: Final = 1 << 11
"""Linear in a cell, a lognormal loss of sigma 2 is right to 1e-5."""
LAST_SCORE: Final = 7.0
"""Beyond it, in one year of 8e11, a loss is no longer told from the one at it."""
_NARROWEST: Final = 1e-3
"""Of a table, in scores: of a scenario that practically never has a loss."""
_JUST_ABOVE: Final = 1e-6
"""Cells above the atom at zero is where the smallest loss is read."""
_UNEVEN: Final = 3.0
"""Times as much as in a cell beside it, a loss must rise in a cell to be looked at closer."""
_JUMP: Final = 0.8
"""The share of a cell's rise that a quarter of the cell must have to be a jump."""
_HALVINGS: Final = 40


class Invertible(Protocol):
    """A distribution of annual losses that can be inverted."""

    def probability_of_loss(self) -> Estimate:
        """P(S > 0)."""

    def quantile(self, u: Floats) -> Floats:
        """The smallest x with P(S <= x) >= u, for u in [0, 1)."""


@dataclass(frozen=True, eq=False)
class LossByScore:
    """The losses of K scenarios by their scores.

    Scenario k has `CELLS` + 1 cells. The first is that of the scores up to `starts[k]`; the others
    are 1 / `per_unit[k]` wide each. At a share t of its width cell i loses `lines[k, i, 0]` + t
    `lines[k, i, 1]`. Where `break_in[k, i]` is not negative, it is the row of `breaks` that
    describes the cell instead: the share at which it breaks, height at 0 and slope up to there,
    height at 0 and slope from there on.
    """

    starts: Floats
    per_unit: Floats
    lines: Floats
    break_in: NDArray[np.int32]
    breaks: Floats

    @classmethod
    def of(cls, losses: Iterable[Invertible]) -> Self:
        """Tabulate the quantiles of each scenario's annual loss, one after the other."""
        starts, widths, lines, break_in, breaks = [], [], [], [], [np.empty((0, 5))]
        rows = 0
        for loss in losses:
            some = min(max(loss.probability_of_loss().value, 0.0), 1.0)
            starts.append(min(max(-float(ndtri(some)), -LAST_SCORE), LAST_SCORE - _NARROWEST))
            widths.append((LAST_SCORE - starts[-1]) / CELLS)
            at = partial(_losses_at, loss, starts[-1], widths[-1])
            edges = np.arange(CELLS + 1, dtype=np.float64)
            edges[0] = _JUST_ABOVE
            nodes = np.maximum.accumulate(at(edges))
            lines.append(np.zeros((CELLS + 1, 2)))
            lines[-1][1:] = np.stack([nodes[:-1], np.diff(nodes)], axis=1)
            break_in.append(np.full(CELLS + 1, -1, dtype=np.int32))
            broken = _broken(at, nodes)
            if broken.size:
                breaks.append(_breaks(at, broken, nodes))
                break_in[-1][broken + 1] = rows + np.arange(broken.size)
                rows += broken.size
        return cls(
            np.array(starts),
            1 / np.array(widths),
            np.array(lines),
            np.array(break_in),
            np.concatenate(breaks),
        )

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, NDArray[np.int32], Floats]:
        """The table as `look_up_losses` takes it."""
        return self.starts, self.per_unit, self.lines, self.break_in, self.breaks


def _losses_at(loss: Invertible, start: float, width: float, place: Floats) -> Floats:
    """Give the loss at scores `place` cells above the start."""
    return loss.quantile(np.asarray(ndtr(start + width * place)))


def _broken(at: Callable[[Floats], Floats], nodes: Floats) -> NDArray[np.int64]:
    """Give the cells in which the loss jumps."""
    rise = np.diff(nodes)
    beside = np.minimum(np.append(rise[1:], rise[-2]), np.insert(rise[:-1], 0, rise[1]))
    uneven = np.flatnonzero(rise > _UNEVEN * beside)
    if not uneven.size:
        return uneven
    quarters = at((uneven[:, None] + np.array([0.25, 0.5, 0.75])).ravel()).reshape(-1, 3)
    points = np.column_stack([nodes[uneven], quarters, nodes[uneven + 1]])
    return np.asarray(uneven[np.diff(points).max(axis=1) > _JUMP * rise[uneven]])


def _breaks(at: Callable[[Floats], Floats], cells: NDArray[np.int64], nodes: Floats) -> Floats:
    """Give the break of each cell, where the loss passes half of its rise, and the lines around."""
    first, last = nodes[cells], nodes[cells + 1]
    low, high = np.zeros(cells.size), np.ones(cells.size)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_above = at(np.asarray(cells + middle)) > (first + last) / 2
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    before, after = at(cells + low), at(cells + high)
    slope_before = np.where(low > 0, (before - first) / np.where(low > 0, low, 1), 0)
    slope_after = np.where(high < 1, (last - after) / np.where(high < 1, 1 - high, 1), 0)
    return np.stack([high, first, slope_before, after - high * slope_after, slope_after], axis=1)


@compiled
def look_up_losses(scores, table, total, cells):  # type: ignore[no-untyped-def]
    """Turn (scenarios, years) scores into losses, and give each year's `total`.

    `cells` (unsigned) is room for one number a year.
    """
    starts, per_unit, lines, break_in, breaks = table
    total[:] = 0.0
    end = np.float64(lines.shape[1])
    for k in range(scores.shape[0]):
        row, start, scale, line = scores[k], starts[k], per_unit[k], lines[k]
        for i in range(total.size):
            place = min(max((row[i] - start) * scale + 1.0, 0.0), end)
            cell = min(np.int64(place), lines.shape[1] - 1)
            cells[i] = cell
            row[i] = place - cell
        if break_in[k].max() < 0:
            for i in range(total.size):
                cell = cells[i]
                row[i] = line[cell, 0] + row[i] * line[cell, 1]
                total[i] += row[i]
        else:
            for i in range(total.size):
                cell, t = cells[i], row[i]
                at = break_in[k, cell]
                if at < 0:
                    row[i] = line[cell, 0] + t * line[cell, 1]
                elif t < breaks[at, 0]:
                    row[i] = breaks[at, 1] + t * breaks[at, 2]
                else:
                    row[i] = breaks[at, 3] + t * breaks[at, 4]
                total[i] += row[i]
