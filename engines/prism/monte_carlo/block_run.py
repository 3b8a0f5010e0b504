"""One compiled loop over blocks, that stops after a while and goes on where it stopped."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.contributions import count_parts
from engines.prism.monte_carlo.event_years import add_events, number_events
from engines.prism.monte_carlo.grouped_years import add_grouped_years
from engines.prism.monte_carlo.loss_cells import count_above, count_losses
from engines.prism.monte_carlo.product_years import add_product_years
from engines.prism.monte_carlo.tables import Row, Years
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS

DONE: Final = 0
PAUSED: Final = 1
NOT_AN_AMOUNT: Final = 2

_YEARS, _END, _PRIMARY = int(Row.YEARS), int(Row.END), int(Row.PRIMARY)
_LEAST, _MOST = int(Row.LEAST), int(Row.MOST)
_GROUPED, _PRODUCT = int(Years.GROUPED), int(Years.PRODUCT)
_UNBEGUN = 0


class Counter(NamedTuple):
    """The arrays of a `LossCounter`; empty ones where the amount is not wanted."""

    packed: NDArray[np.uint64]
    extremes: NDArray[np.uint64]
    above: NDArray[np.int64]


class Counters(NamedTuple):
    """Where finished years are counted."""

    gross: Counter
    ceded: Counter
    net: Counter
    largest: Counter
    parts: NDArray[np.int64]


@compiled
def run_blocks(arrays, seed, trials, end_block, work, room, counters):  # type: ignore[no-untyped-def]
    """Simulate from `room.cursor` to `end_block`, or for about `work` variates.

    Returns `DONE`, `PAUSED`, or `NOT_AN_AMOUNT` when a loss has no cell to count it in.
    """
    cursor, scenarios = room.cursor, arrays.scenarios.shape[0]
    while cursor[0] < end_block:
        block = cursor[0]
        years = min(BLOCK_TRIALS, trials - block * BLOCK_TRIALS)
        while cursor[1] < scenarios:
            work -= _add_scenario(arrays, cursor[1], seed, block, years, work, room)
            if work <= 0 and cursor[1] < scenarios:
                return PAUSED
        if not count_years(arrays, years, room, counters):
            return NOT_AN_AMOUNT
        room.gross[:] = 0.0
        room.parts[:] = 0.0
        # What nobody counts may stay: clearing all four took a thirtieth of the time.
        if counters.ceded.packed.size > 0:
            room.covered[:] = 0.0
        if counters.largest.packed.size > 0:
            room.largest[:] = 0.0
        cursor[0], cursor[1] = block + 1, 0
        if work <= 0:
            return PAUSED if cursor[0] < end_block else DONE
    return DONE


@compiled
def _add_scenario(arrays, scenario, seed, block, years, work, room):  # type: ignore[no-untyped-def]
    """Add a scenario's losses to a block, or some of them, and give how many variates it took.

    Of grouped years, about as many as it may have taken.
    """
    cursor, row = room.cursor, arrays.scenarios[scenario]
    leaves = row[_END] - row[_PRIMARY] + 1
    if row[_YEARS] == _GROUPED:
        add_grouped_years(arrays, scenario, seed, block, years, room)
        cursor[1] += 1
        return years * leaves * (1 + (row[_LEAST] + row[_MOST]) // 2)
    if row[_YEARS] == _PRODUCT:
        add_product_years(arrays, scenario, seed, block, years, room)
        cursor[1] += 1
        return years * leaves
    if cursor[2] == _UNBEGUN:
        number_events(arrays, scenario, seed, block, years, room)
    total, first = room.ends[years - 1], cursor[2]
    last = min(total, first + work // leaves + 1)
    add_events(arrays, scenario, seed, block, years, first, last, room)
    cursor[2] = last
    if last == total:
        cursor[1], cursor[2] = cursor[1] + 1, _UNBEGUN
    return years + (last - first) * leaves


@compiled
def count_years(arrays, years, room, counters):  # type: ignore[no-untyped-def]
    """Count a finished block; false where a loss has no cell."""
    gross, amounts = room.gross[:years], arrays.amounts
    good = _count_one(gross, amounts, counters.gross)
    if counters.largest.packed.size > 0:
        good &= _count_one(room.largest[:years], amounts, counters.largest)
    if good and counters.parts.shape[0] > 0:
        count_parts(gross, room.parts[:, :years], counters.parts)
    if counters.ceded.packed.size > 0:
        ceded, net = room.covered[:years], room.losses[:years]
        by_event = arrays.layers[0] > 0 or arrays.layers[1] < np.inf
        for year in range(years):
            covered = ceded[year] if by_event else gross[year]
            deductible, limit = arrays.layers[2], arrays.layers[3]
            ceded[year] = min(max(covered - deductible, 0.0), limit)
            # Not gross - ceded: a year at the deductible is to cost that, to the last bit.
            kept = min(covered, deductible) + max(covered - deductible - limit, 0.0)
            # The sums of what is covered and of all round differently.
            net[year] = max(gross[year] - covered, 0.0) + kept
        good &= _count_one(ceded, amounts, counters.ceded)
        good &= _count_one(net, amounts, counters.net)
    return good


@compiled
def _count_one(losses, amounts, counter):  # type: ignore[no-untyped-def]
    count_above(losses, amounts, counter.above)
    return count_losses(losses, counter.packed, counter.extremes)
