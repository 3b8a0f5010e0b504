"""Simulated years of scenarios that depend on each other: all of them, or one shard's blocks.

The same tables and seed give the same bits for any cutting into shards, any order of merging and
any x86-64 processor, as in `engines.prism.monte_carlo.simulation`, whose counting this is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from engines.prism.dependence.correlation_matrix import Floats
from engines.prism.dependence.count_by_score import CountByScore, look_up_counts
from engines.prism.dependence.joint_tables import JointTables
from engines.prism.dependence.loss_by_score import LossByScore, look_up_losses
from engines.prism.dependence.score_draws import ScoreDraws
from engines.prism.monte_carlo.block_run import count_years
from engines.prism.monte_carlo.event_years import add_events
from engines.prism.monte_carlo.random_state import check_seed
from engines.prism.monte_carlo.simulation import (
    MOST_BLOCKS,
    SimulatedYears,
    YearCounts,
    check_size,
)
from engines.prism.monte_carlo.tables import Tables
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS, Workspace, workspace
from engines.progress import Progress

_MOST_EVENTS: Final = 1 << 21
"""Between two reports of progress: a tenth of a second, with six forms of loss."""


def simulate_jointly(
    tables: JointTables, *, seed: int, trials: int, blocks: range, progress: Progress
) -> SimulatedYears:
    """Simulate `blocks`, at least one, of the `trials` years, and count them."""
    check_seed(seed)
    check_size(tables.events, trials)
    scenarios = len(tables.events.names)
    draws = ScoreDraws(tables.scores, scenarios=scenarios, seed=seed)
    room = workspace(tables.events, blocks.start)
    counts = YearCounts(tables.events)
    cells = np.empty(BLOCK_TRIALS, dtype=np.uint64)
    for done, block in enumerate(blocks):
        report = partial(progress, done / len(blocks), f"block {block} of {blocks.stop}")
        report()
        if done > 0 and done % MOST_BLOCKS == 0:
            counts.collect()
        years = min(BLOCK_TRIALS, trials - block * BLOCK_TRIALS)
        scores = draws.block(block)
        if isinstance(tables.years, LossByScore):
            look_up_losses(scores, tables.years.arrays, room.gross, cells)
            # The scores have become the losses of the scenarios.
            room = room._replace(parts=scores)
        else:
            _add_events(tables.events, tables.years, scores[:, :years], seed, block, room, report)
        if not count_years(tables.events.arrays, years, room, counts.counters):
            raise ArithmeticError("a simulated loss is not an amount")
    counts.collect()
    return counts.years()


def _add_events(
    events: Tables,
    counts: CountByScore,
    scores: Floats,
    seed: int,
    block: int,
    room: Workspace,
    report: Callable[[], None],
) -> None:
    """Fill a block with the losses of as many events as its scores say."""
    for each in (room.gross, room.covered, room.largest, room.parts):
        each.fill(0.0)
    numbers = np.empty(scores.shape, dtype=np.int64)
    look_up_counts(np.ascontiguousarray(scores), counts.arrays, numbers)
    for scenario, row in enumerate(numbers):
        ends = room.ends[: row.size]
        np.cumsum(row, out=ends)
        total = int(ends[-1])
        for first in range(0, total, _MOST_EVENTS):
            last = min(first + _MOST_EVENTS, total)
            add_events(events.arrays, scenario, seed, block, row.size, first, last, room)
            report()
