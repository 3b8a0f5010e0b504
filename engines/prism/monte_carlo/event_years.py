"""Compound years event by event: for layers and largest events, and for years with many events.

The events of a block are numbered through, and every leaf has a word for every event, used or not.
So a batch can begin anywhere, and a simulation of a million events a year can pause within a year.
"""

from __future__ import annotations

import numpy as np
from numba import uint64

from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.leaf_draws import add_leaf, add_leaf_at, draw_leaf_atoms, leaf_start
from engines.prism.monte_carlo.random_state import BATCH
from engines.prism.monte_carlo.tables import Leaf, Row

_COUNT, _LEAST, _OCCURRENCE = int(Row.COUNT), int(Row.LEAST), int(Row.OCCURRENCE)
_PRIMARY, _SECONDARY, _END = int(Row.PRIMARY), int(Row.SECONDARY), int(Row.END)
_FORM = int(Leaf.FORM)


@compiled
def number_events(arrays, scenario, seed, block, years, room):  # type: ignore[no-untyped-def]
    """Draw the number of events of each year, and add them up to `room.ends`."""
    row = arrays.scenarios[scenario]
    leaf, numbers = row[_COUNT], room.numbers[:years]
    draw_leaf_atoms(numbers, arrays, leaf, leaf_start(arrays, leaf, seed, block), uint64(0), room)
    total = 0
    for year in range(years):
        total += row[_LEAST] + np.int64(numbers[year])
        room.ends[year] = total


@compiled
def add_events(arrays, scenario, seed, block, years, first, last, room):  # type: ignore[no-untyped-def]
    """Add events `first` to `last`, that one not included, to their years."""
    year = np.searchsorted(room.ends[:years], first, side="right")
    for batch in range(first, last, BATCH):
        events = room.events[: min(BATCH, last - batch)]
        events[:] = 0.0
        _draw_events(events, arrays, scenario, seed, block, years, batch, year, room)
        year = _book_events(events, arrays.layers, batch, year, room)


@compiled
def _draw_events(events, arrays, scenario, seed, block, years, batch, year, room):  # type: ignore[no-untyped-def]
    """Draw what events from number `batch` on cost."""
    row = arrays.scenarios[scenario]
    has_parts = room.parts.shape[0] > 0
    form_events = room.form_events[: events.size]
    hits = room.hits[:0]
    if row[_SECONDARY] < row[_END]:
        hits = room.hits[
            : _find_hits(arrays, row[_OCCURRENCE], seed, block, batch, events.size, room)
        ]
    for leaf in range(row[_PRIMARY], row[_END]):
        start = leaf_start(arrays, leaf, seed, block)
        target = form_events if has_parts else events
        if has_parts:
            form_events[:] = 0.0
        if leaf < row[_SECONDARY]:
            add_leaf(target, arrays, leaf, start, uint64(batch), room)
        else:
            add_leaf_at(target, hits, arrays, leaf, start, uint64(batch))
        if has_parts:
            form = arrays.scenarios.shape[0] + arrays.leaves[leaf, _FORM]
            for i in range(uint64(events.size)):
                events[i] += form_events[i]
            _book_part(form_events, room.parts[scenario], batch, year, room)
            _book_part(form_events, room.parts[form], batch, year, room)


@compiled
def _find_hits(arrays, leaf, seed, block, batch, count, room):  # type: ignore[no-untyped-def]
    """Find the events that have a secondary loss, and give how many."""
    start, atoms = leaf_start(arrays, leaf, seed, block), room.atoms[:count]
    draw_leaf_atoms(atoms, arrays, leaf, start, uint64(batch), room)
    found = uint64(0)
    for i in range(uint64(count)):
        room.hits[found] = i
        found += atoms[i]
    return found


@compiled
def _book_events(events, layers, batch, year, room):  # type: ignore[no-untyped-def]
    """Add events to their years, and give the year of the last."""
    deductible, limit = layers[0], layers[1]
    i = 0
    while True:
        end = min(room.ends[year] - batch, events.size)
        gross, covered, largest = room.gross[year], room.covered[year], room.largest[year]
        while i < end:
            loss = events[i]
            gross += loss
            covered += min(max(loss - deductible, 0.0), limit)
            largest = max(largest, loss)
            i += 1
        room.gross[year], room.covered[year], room.largest[year] = gross, covered, largest
        if i == events.size:
            return year
        year += 1


@compiled
def _book_part(events, part, batch, year, room):  # type: ignore[no-untyped-def]
    """Add the losses of one form to their years."""
    i = 0
    while True:
        end = min(room.ends[year] - batch, events.size)
        while i < end:
            part[year] += events[i]
            i += 1
        if i == events.size:
            return
        year += 1
