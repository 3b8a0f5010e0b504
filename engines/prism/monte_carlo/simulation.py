"""Monte Carlo simulation of years: all of them, or the blocks of one shard.

The same tables and seed give the same bits for any cutting into shards, any order of merging, any
number of threads and any x86-64 processor: random words are integers that belong to a block
(`random_state`), variates are one multiplication and one addition on numbers from the tables, which
travel, sums are taken in one order, and years are counted in integers (`tally`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.monte_carlo.block_run import (
    DONE,
    NOT_AN_AMOUNT,
    Counter,
    Counters,
    run_blocks,
)
from engines.prism.monte_carlo.contributions import CELLS, PartTally, merge_parts, part_tally
from engines.prism.monte_carlo.loss_cells import MOST_PACKED
from engines.prism.monte_carlo.random_state import check_seed
from engines.prism.monte_carlo.tables import Tables
from engines.prism.monte_carlo.tally import LossCounter, LossTally, merge
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS, workspace
from engines.progress import Progress

MAX_TRIALS: Final = 10**9
MAX_DRAWS: Final = 10**11
"""Random variates in a simulation: from two to six minutes on one core."""

_WORK = 1 << 25
"""Variates between two reports of progress: a tenth of a second."""
MOST_BLOCKS: Final = MOST_PACKED // BLOCK_TRIALS
"""Between two calls of `YearCounts.collect`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedYears:
    """What was counted of the simulated years."""

    gross: LossTally
    ceded: LossTally | None
    """What the insurance pays; `None` without one."""
    net: LossTally | None
    largest_event: LossTally | None
    """Of each year; `None` if not wanted."""
    by_scenario: PartTally | None
    """`None` if contributions are not wanted."""
    by_form: PartTally | None


def block_count(trials: int) -> int:
    """Give how many blocks hold `trials` trials; the last one may be partly filled."""
    return -(-trials // BLOCK_TRIALS)


def most_trials(tables: Tables) -> int:
    """Give how many trials a simulation may have."""
    return min(MAX_TRIALS, int(MAX_DRAWS / max(tables.draws_a_year, 1.0)))


def check_size(tables: Tables, trials: int) -> None:
    """Raise `InvalidInput` when the simulation would have too many trials or events."""
    if not 1 <= trials <= MAX_TRIALS:
        raise InvalidInput("trials", expected=f"from 1 to {MAX_TRIALS}", received=trials)
    affordable = most_trials(tables)
    if trials > affordable:
        expected = f"at most {affordable} at {tables.draws_a_year:.3g} random numbers a year"
        raise InvalidInput("trials", expected=expected, received=trials)


class YearCounts:
    """Counts what tables ask for, block by block, in memory that does not grow."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        wanted = (tables.is_insured, tables.is_insured, tables.has_events)
        amounts = tables.arrays.amounts.tolist()
        self._gross = LossCounter(amounts)
        self._others = [LossCounter(amounts) if each else None for each in wanted]
        part_count = len(tables.names) + len(tables.forms) if tables.has_contributions else 0
        self._parts = np.zeros((part_count, CELLS), dtype=np.int64)
        gross, ceded, net, largest = (_counter(each) for each in (self._gross, *self._others))
        self.counters = Counters(gross, ceded, net, largest, self._parts)
        """Where compiled loops count; they call `collect` after at most `MOST_PACKED` years."""

    def collect(self) -> None:
        """Unpack what was counted, and make room."""
        for each in (self._gross, *self._others):
            if each is not None:
                each.collect()

    def years(self) -> SimulatedYears:
        """Give what was collected, of at least one year."""
        tables, parts = self._tables, self._parts
        ceded, net, largest = (None if each is None else each.tally() for each in self._others)
        names = len(tables.names)
        return SimulatedYears(
            gross=self._gross.tally(),
            ceded=ceded,
            net=net,
            largest_event=largest,
            by_scenario=part_tally(tables.names, parts[:names]) if parts.size else None,
            by_form=part_tally(tables.forms, parts[names:]) if parts[names:].size else None,
        )


def simulate(
    tables: Tables, *, seed: int, trials: int, blocks: range, progress: Progress
) -> SimulatedYears:
    """Simulate `blocks`, at least one, of the `trials` years, and count them."""
    check_seed(seed)
    check_size(tables, trials)
    if not (blocks and blocks.step == 1 and blocks[-1] < block_count(trials)):
        expected = f"a run of blocks, at least one, below {block_count(trials)}"
        raise InvalidInput("blocks", expected=expected, received=blocks)
    counts = YearCounts(tables)
    room = workspace(tables, blocks.start)
    for start in range(blocks.start, blocks.stop, MOST_BLOCKS):
        stop = min(start + MOST_BLOCKS, blocks.stop)
        state = None
        while state != DONE:
            done = (int(room.cursor[0]) - blocks.start) / len(blocks)
            progress(done, "simulating years")
            state = run_blocks(tables.arrays, seed, trials, stop, _WORK, room, counts.counters)
            if state == NOT_AN_AMOUNT:
                raise ArithmeticError("a simulated loss is not an amount")
        counts.collect()
    return counts.years()


def _counter(of: LossCounter | None) -> Counter:
    if of is None:
        words = np.zeros(0, dtype=np.uint64)
        return Counter(words, words, np.zeros(0, dtype=np.int64))
    return Counter(of.packed, of.extremes, of.above)


def merge_years(shards: Sequence[SimulatedYears]) -> SimulatedYears:
    """Give the years of all `shards`, at least one, of one simulation, in any order."""

    def merged(tallies: list[LossTally | None]) -> LossTally | None:
        present = [tally for tally in tallies if tally is not None]
        return merge(present) if present else None

    def merged_parts(tallies: list[PartTally | None]) -> PartTally | None:
        present = [tally for tally in tallies if tally is not None]
        return merge_parts(present) if present else None

    return SimulatedYears(
        gross=merge([shard.gross for shard in shards]),
        ceded=merged([shard.ceded for shard in shards]),
        net=merged([shard.net for shard in shards]),
        largest_event=merged([shard.largest_event for shard in shards]),
        by_scenario=merged_parts([shard.by_scenario for shard in shards]),
        by_form=merged_parts([shard.by_form for shard in shards]),
    )
