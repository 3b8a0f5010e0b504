"""Compound years with few events, grouped by their numbers of events.

The years of a block are independent and alike, so which comes first does not matter. First each
year's number of events is drawn, and with it how many of them have a secondary loss. Then room is
laid out with equal years side by side, ascending, and the j-th loss of all years that have one is a
single run of additions over the end of that room, without a branch. At last each year takes, in
the order in which the numbers were drawn, the next loss of its group; so the years of other
scenarios are not sorted alike, and nothing ties them together. The numbers of a group's years are
drawn, not set: this is no stratification, and intervals keep their coverage.
"""

from __future__ import annotations

import numpy as np
from numba import uint64

from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.leaf_draws import add_leaf, draw_leaf_atoms, leaf_start
from engines.prism.monte_carlo.random_state import BATCH
from engines.prism.monte_carlo.tables import Leaf, Row

_COUNT, _LEAST, _MOST, _IS_PAIRED = (
    int(Row.COUNT),
    int(Row.LEAST),
    int(Row.MOST),
    int(Row.IS_PAIRED),
)
_PRIMARY, _SECONDARY, _END = int(Row.PRIMARY), int(Row.SECONDARY), int(Row.END)
_FIRST, _LAST, _FORM = int(Leaf.FIRST), int(Leaf.LAST), int(Leaf.FORM)


@compiled
def add_grouped_years(arrays, scenario, seed, block, years, room):  # type: ignore[no-untyped-def]
    """Add a scenario's losses in the first `years` years of a block to `room.gross`."""
    row = arrays.scenarios[scenario]
    starts = _draw_numbers(arrays, row, seed, block, years, room)
    has_parts = room.parts.shape[0] > 0
    # Where nobody else's years are there to be sorted alike, they may stay as they are.
    is_alone = arrays.scenarios.shape[0] == 1 and not has_parts
    losses = room.gross[:years] if is_alone else room.losses[:years]
    if not is_alone:
        losses[:] = 0.0
    for leaf in range(row[_PRIMARY], row[_END]):
        start = leaf_start(arrays, leaf, seed, block)
        if leaf < row[_SECONDARY]:
            _add_primary(losses, arrays, leaf, start, row, starts, room)
        else:
            _add_secondary(losses, arrays, leaf, start, row, starts, room)
        if has_parts:
            form = arrays.scenarios.shape[0] + arrays.leaves[leaf, _FORM]
            _hand_out(losses, starts.copy(), scenario, form, years, room)
            losses[:] = 0.0
    if not is_alone and not has_parts:
        _hand_out(losses, starts, -1, -1, years, room)


@compiled
def _draw_numbers(arrays, row, seed, block, years, room):  # type: ignore[no-untyped-def]
    """Draw the atom of each year, and give where in `losses` each atom's years begin."""
    leaf = row[_COUNT]
    numbers = room.numbers[:years]
    draw_leaf_atoms(numbers, arrays, leaf, leaf_start(arrays, leaf, seed, block), uint64(0), room)
    starts = np.zeros(arrays.leaves[leaf, _LAST] - arrays.leaves[leaf, _FIRST] + 1, np.int64)
    for year in range(uint64(years)):
        starts[numbers[year] + uint64(1)] += 1
    for atom in range(1, starts.size):
        starts[atom] += starts[atom - 1]
    return starts


@compiled
def _add_primary(losses, arrays, leaf, start, row, starts, room):  # type: ignore[no-untyped-def]
    """Add a loss for each event: the j-th to all years that have j events or more."""
    used = uint64(0)
    for j in range(1, row[_MOST] + 1):
        first = starts[_first_atom(row, max(j, row[_LEAST]))]
        if first == losses.size:
            break
        add_leaf(losses[first:], arrays, leaf, start, used, room)
        used += uint64(losses.size - first)


@compiled
def _add_secondary(losses, arrays, leaf, start, row, starts, room):  # type: ignore[no-untyped-def]
    """Add a loss for each event with a secondary loss: the j-th to the years of n events that have
    so many. These runs are short, so what they take is drawn in batches before."""
    used, drawn = 0, room.drawn
    for n in range(row[_LEAST], row[_MOST] + 1):
        atom, end = _first_atom(row, n), starts[_first_atom(row, n + 1)]
        for j in range(1, n + 1):
            place = starts[atom + j]
            if place == end:
                break
            while place < end:
                at = used % BATCH
                if at == 0:
                    drawn[:] = 0.0
                    add_leaf(drawn, arrays, leaf, start, uint64(used), room)
                count = min(end - place, BATCH - at)
                for i in range(uint64(count)):
                    losses[uint64(place) + i] += drawn[uint64(at) + i]
                place += count
                used += count


@compiled
def _first_atom(row, n):  # type: ignore[no-untyped-def]
    """Give the first atom of n events: with pairs, k events have the k + 1 atoms 0 to k."""
    least = row[_LEAST]
    if row[_IS_PAIRED]:
        return (n * (n + 1) - least * (least + 1)) // 2
    return n - least


@compiled
def _hand_out(losses, starts, scenario, form, years, room):  # type: ignore[no-untyped-def]
    """Give each year the next loss of its group. Uses up `starts`."""
    has_parts = room.parts.shape[0] > 0
    for year in range(uint64(years)):
        atom = uint64(room.numbers[year])
        place = starts[atom]
        starts[atom] = place + 1
        loss = losses[uint64(place)]
        room.gross[year] += loss
        if has_parts:
            room.parts[scenario, year] += loss
            room.parts[form, year] += loss
