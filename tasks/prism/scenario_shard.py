"""A shard of a simulation: some of its blocks of trials, and what they came to."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import Field

from engines.prism.loss_tally import LossTally
from engines.prism.simulation import MAX_TRIALS, block_count, simulate
from engines.progress import Progress
from tasks.payload import MAX_SAFE_INTEGER, Count, Payload
from tasks.prism.distribution import Amount
from tasks.prism.scenario import Scenario

TRIALS_PER_SHARD = 4_000_000
EVENTS_PER_SHARD = 10_000_000
"""Either is about a second of work, a hundred times what it costs to hand a shard around."""
MAX_SHARDS = 64

Seed = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
Trials = Annotated[int, Field(ge=1, le=MAX_TRIALS)]


class ShardRequest(Payload):
    """Which blocks of which simulation to run."""

    scenario: Scenario
    seed: Seed
    trials: Trials
    """Of the whole simulation."""
    appetite: Amount | None
    first_block: Count
    block_count: Annotated[int, Field(ge=1, le=MAX_TRIALS)]


class ShardResult(Payload):
    """A `LossTally` on the wire."""

    trials: Trials
    cells: tuple[Count, ...]
    counts: tuple[Count, ...]
    block_sums: tuple[float, ...]
    block_square_sums: tuple[float, ...]
    smallest: float
    largest: float
    above_appetite: Count

    @classmethod
    def of(cls, tally: LossTally) -> ShardResult:
        """Give the wire form of a tally, bit for bit."""
        return cls(
            trials=tally.trials,
            cells=tuple(tally.cells.tolist()),
            counts=tuple(tally.counts.tolist()),
            block_sums=tally.block_sums,
            block_square_sums=tally.block_square_sums,
            smallest=tally.smallest,
            largest=tally.largest,
            above_appetite=tally.above_appetite,
        )

    def tally(self) -> LossTally:
        """Give back what `of` was made from."""
        return LossTally(
            trials=self.trials,
            cells=np.array(self.cells, dtype=np.int64),
            counts=np.array(self.counts, dtype=np.int64),
            block_sums=self.block_sums,
            block_square_sums=self.block_square_sums,
            smallest=self.smallest,
            largest=self.largest,
            above_appetite=self.above_appetite,
        )


def shard_requests(
    scenario: Scenario, *, seed: int, trials: int, appetite: float | None, shards: int
) -> list[ShardRequest]:
    """Cut a simulation into at most `shards` near-equal runs of blocks."""
    blocks = block_count(trials)
    shards = min(shards, blocks)
    edges = [blocks * shard // shards for shard in range(shards + 1)]
    return [
        ShardRequest(
            scenario=scenario,
            seed=seed,
            trials=trials,
            appetite=appetite,
            first_block=first,
            block_count=end - first,
        )
        for first, end in pairwise(edges)
    ]


def worthwhile_shards(scenario: Scenario, trials: int) -> int:
    """Give the number of shards that keeps each at about a second of work."""
    events = trials * scenario.engine().loss_event_frequency_per_year.mean
    wanted = max(trials / TRIALS_PER_SHARD, events / EVENTS_PER_SHARD)
    return min(MAX_SHARDS, max(1, math.ceil(wanted)))


def simulate_shard(request: ShardRequest, *, progress: Progress) -> ShardResult:
    """Simulate the shard's blocks."""
    first = request.first_block
    return ShardResult.of(
        simulate(
            request.scenario.engine(),
            seed=request.seed,
            trials=request.trials,
            blocks=range(first, first + request.block_count),
            appetite=request.appetite,
            progress=progress,
        )
    )
