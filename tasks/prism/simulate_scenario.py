"""`prism.simulate_scenario`: what a loss scenario may cost in a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from engines.prism import ENGINE, ENGINE_VERSION, risk_measures
from engines.prism.binomial_intervals import CONFIDENCE
from engines.prism.loss_histogram import RELATIVE_CELL_WIDTH
from engines.prism.loss_tally import merge
from engines.prism.simulation import check_size
from engines.prism.streams import BLOCK_TRIALS
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.artifact import Artifact
from tasks.declaration import FanOut, task
from tasks.payload import Payload
from tasks.prism.annual_loss import AppetiteVerdict, Estimate, ExceedancePoint, Percentile
from tasks.prism.distribution import Amount
from tasks.prism.exceedance_picture import store_exceedance_picture
from tasks.prism.scenario import Scenario
from tasks.prism.scenario_shard import (
    Seed,
    ShardRequest,
    ShardResult,
    Trials,
    shard_requests,
    simulate_shard,
    worthwhile_shards,
)
from tasks.refusal import refused_fields


class RiskAppetite(Payload):
    """What the organisation is ready to lose."""

    annual_loss: Amount
    """In a year, in the request's currency."""


class SimulateScenarioRequest(Payload):
    """A scenario, and how closely to look at it."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    """What the scenario is called, on one line; the title of the picture."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """ISO 4217, of every amount in the request and the result."""
    scenario: Scenario
    appetite: RiskAppetite | None = None
    trials: Trials = 1_000_000
    """Simulated years."""
    seed: Seed = 0
    """The same request gives the same numbers; another seed gives others as good."""
    percentiles: Annotated[
        tuple[Annotated[float, Field(gt=0, lt=100)], ...], Field(max_length=100)
    ] = (5, 50, 90, 95, 99)
    """In per cent of years: 95 asks for the loss that one year in twenty exceeds."""
    curve_points: Annotated[int, Field(ge=2, le=1000)] = 120
    """The most points the exceedance curve may have."""

    @model_validator(mode="after")
    def _affordable(self) -> Self:
        with refused_fields(self):
            check_size(self.scenario.engine(), self.trials)
        return self


class Provenance(Payload):
    """What the numbers depend on, beside the request."""

    engine: str
    """Whose computation it is."""
    engine_version: str
    """Changes whenever the numbers of a request do."""
    numpy_version: str
    """Of the library that drew the random numbers."""
    seed: Seed
    """As in the request."""
    trials: Trials
    """As in the request."""
    block_trials: Trials
    """Trials that share a random stream."""


class SimulateScenarioResult(Payload):
    """The annual loss, every amount in `currency`."""

    name: str
    """As in the request."""
    currency: str
    """As in the request."""
    mean: Estimate
    standard_deviation: float | None
    """Null for a single trial."""
    smallest: float
    """Of the cheapest simulated year."""
    largest: float
    """Of the dearest simulated year."""
    percentiles: tuple[Percentile, ...]
    """In the order of the request."""
    probability_of_loss: Estimate
    """That a year costs anything."""
    appetite: AppetiteVerdict | None
    exceedance_curve: tuple[ExceedancePoint, ...]
    """Ascending by loss; empty when no year had one."""
    confidence: float
    """Of every interval."""
    relative_resolution: float
    """How far a percentile may lie from its exact order statistic; the limits allow for it."""
    provenance: Provenance
    picture: Artifact | None
    """PNG of the exceedance curve; null when no year had a loss."""


def split(request: SimulateScenarioRequest) -> list[ShardRequest]:
    """Cut a long simulation into shards of about a second each."""
    return _cut(request, worthwhile_shards(request.scenario, request.trials))


def merge_shards(
    request: SimulateScenarioRequest, shards: Sequence[ShardResult], *, artifacts: ArtifactStore
) -> SimulateScenarioResult:
    """Give the result of the whole simulation, the same for every way of cutting it."""
    tally = merge([shard.tally() for shard in shards])
    if tally.trials != request.trials:
        raise RuntimeError(f"the shards hold {tally.trials} trials instead of {request.trials}")
    percentiles = tuple(Percentile.of(tally, percent) for percent in request.percentiles)
    appetite = _appetite(request)
    verdict = None if appetite is None else AppetiteVerdict.of(tally, appetite)
    curve = risk_measures.exceedance_curve(tally, request.curve_points)
    picture = None
    if curve:
        picture = store_exceedance_picture(
            curve,
            title=request.name,
            currency=request.currency,
            percentiles=percentiles,
            appetite=verdict,
            footnote=f"{request.trials:,} simulated years · seed {request.seed} · "
            f"{ENGINE} {ENGINE_VERSION}",
            artifacts=artifacts,
        )
    return SimulateScenarioResult(
        name=request.name,
        currency=request.currency,
        mean=Estimate.of(risk_measures.mean(tally)),
        standard_deviation=tally.standard_deviation if tally.trials > 1 else None,
        smallest=tally.smallest,
        largest=tally.largest,
        percentiles=percentiles,
        probability_of_loss=Estimate.of(risk_measures.probability_of_loss(tally)),
        appetite=verdict,
        exceedance_curve=tuple(ExceedancePoint.of(point) for point in curve),
        confidence=CONFIDENCE,
        relative_resolution=RELATIVE_CELL_WIDTH,
        provenance=Provenance(
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            numpy_version=np.__version__,
            seed=request.seed,
            trials=request.trials,
            block_trials=BLOCK_TRIALS,
        ),
        picture=picture,
    )


@task(
    "prism.simulate_scenario",
    queue=Queue.CPU,
    fan_out=FanOut(split=split, shard=simulate_shard, merge=merge_shards),
)
def simulate_scenario(
    request: SimulateScenarioRequest, *, progress: Progress, artifacts: ArtifactStore
) -> SimulateScenarioResult:
    """Simulate what a FAIR loss scenario may cost in a year."""
    whole = [simulate_shard(shard, progress=progress) for shard in _cut(request, 1)]
    return merge_shards(request, whole, artifacts=artifacts)


def _cut(request: SimulateScenarioRequest, shards: int) -> list[ShardRequest]:
    return shard_requests(
        request.scenario,
        seed=request.seed,
        trials=request.trials,
        appetite=_appetite(request),
        shards=shards,
    )


def _appetite(request: SimulateScenarioRequest) -> float | None:
    return None if request.appetite is None else request.appetite.annual_loss
