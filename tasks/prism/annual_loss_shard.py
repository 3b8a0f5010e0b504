"""A shard of a simulation: some of its blocks of years, from tables made once for all shards."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import Field

from engines.prism.dependence.joint_tables import JointTables
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.monte_carlo.simulation import SimulatedYears, block_count, simulate
from engines.prism.monte_carlo.tables import Tables
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from tasks.artifact import Artifact
from tasks.payload import Count, Payload
from tasks.prism.annual_loss_request import MAX_TRIALS, Seed, Trials
from tasks.prism.simulated_years import CountedYears

DRAWS_PER_SHARD: Final = 500_000_000
"""Random numbers: about a second of work, a hundred times what it costs to hand a shard around."""
MAX_SHARDS: Final = 64

AnyTables = Tables | JointTables


class ShardRequest(Payload):
    """Which blocks of which simulation to run."""

    kind: Literal["independent", "joint"]
    """Which kind of tables they are."""
    tables: Artifact
    seed: Seed
    trials: Trials
    """Of the whole simulation."""
    first_block: Count
    block_count: Annotated[int, Field(ge=1, le=MAX_TRIALS)]


class ShardResult(Payload):
    """The shard's years, counted."""

    years: CountedYears
    tables_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Of the tables they were simulated from."""
    repair_distance: float
    """How far a correlation matrix was moved to be possible; 0 without one."""


def draws_of(tables: AnyTables) -> float:
    """Give the random numbers a year takes."""
    if isinstance(tables, JointTables):
        return tables.events.draws_a_year + joining_draws(len(tables.events.names))
    return tables.draws_a_year


def joining_draws(scenarios: int) -> float:
    """Give what joining scenarios costs in random numbers: a pair of them a part of one."""
    return scenarios * (1 + scenarios / 8)


def worthwhile_shards(draws_a_year: float, trials: int) -> int:
    """Give the number of shards that keeps each at about a second of work."""
    return min(MAX_SHARDS, max(1, math.ceil(draws_a_year * trials / DRAWS_PER_SHARD)))


def shard_requests(
    tables: AnyTables, *, seed: int, trials: int, shards: int, artifacts: ArtifactStore
) -> list[ShardRequest]:
    """Store the tables, and cut a simulation into at most `shards` near-equal runs of blocks."""
    stored = artifacts.put(
        tables.to_bytes(), media_type="application/octet-stream", name="simulation-tables.bin"
    )
    blocks = block_count(trials)
    shards = min(shards, blocks)
    edges = [blocks * shard // shards for shard in range(shards + 1)]
    return [
        ShardRequest(
            kind="joint" if isinstance(tables, JointTables) else "independent",
            tables=Artifact.of(stored),
            seed=seed,
            trials=trials,
            first_block=first,
            block_count=end - first,
        )
        for first, end in pairwise(edges)
    ]


def simulate_shard(
    request: ShardRequest, *, progress: Progress, artifacts: ArtifactStore
) -> ShardResult:
    """Simulate the shard's blocks."""
    data = artifacts.read(request.tables.reference())
    kind = JointTables if request.kind == "joint" else Tables
    tables: AnyTables = kind.from_bytes(data)
    blocks = range(request.first_block, request.first_block + request.block_count)
    years = simulate_blocks(
        tables, seed=request.seed, trials=request.trials, blocks=blocks, progress=progress
    )
    return ShardResult(
        years=CountedYears.of(years),
        tables_sha256=request.tables.sha256,
        repair_distance=repair_distance(tables),
    )


def simulate_blocks(
    tables: AnyTables, *, seed: int, trials: int, blocks: range, progress: Progress
) -> SimulatedYears:
    """Simulate blocks of years, joined by a copula or not."""
    if isinstance(tables, JointTables):
        return simulate_jointly(tables, seed=seed, trials=trials, blocks=blocks, progress=progress)
    return simulate(tables, seed=seed, trials=trials, blocks=blocks, progress=progress)


def repair_distance(tables: AnyTables) -> float:
    """Give how far a correlation matrix was moved to be possible; 0 without one."""
    return tables.scores.repair_distance if isinstance(tables, JointTables) else 0.0
