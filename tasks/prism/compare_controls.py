"""`prism.compare_controls`: what controls save, what they cost, and which of them to buy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from engines.prism.controls import ENGINE, ENGINE_VERSION, comparison
from engines.prism.controls.comparison import check_comparison
from engines.prism.controls.control import MAX_CONTROLS, MAX_SCENARIOS
from engines.prism.controls.effect_draws import DRAWS
from engines.prism.controls.paired_years import MAX_TRIALS, PairedYears
from engines.prism.controls.warm_up import warm_up
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.artifact import Artifact
from tasks.declaration import task
from tasks.payload import Count, Payload
from tasks.prism.annual_loss import AnnualLoss, Estimate, Percent
from tasks.prism.annual_loss_request import Currency, Name, Seed
from tasks.prism.control import Control, engine_controls
from tasks.prism.control_outcome import (
    ControlOutcome,
    ControlRanking,
    ControlReturn,
    ScenarioUnderControls,
)
from tasks.prism.distribution import Amount
from tasks.prism.named_scenario import NamedScenario, engine_scenarios
from tasks.prism.picture import PictureFormat, PictureFormats, store_pictures
from tasks.prism.provenance import Provenance
from tasks.prism.tolerances import COMPARED_CONTROLS
from tasks.refusal import refused_fields


class CompareControlsRequest(Payload):
    """Scenarios, and what could be bought against them."""

    name: Name
    """What it is called, on one line; the title of the picture."""
    currency: Currency
    """ISO 4217, of every amount in the request and the result."""
    scenarios: Annotated[tuple[NamedScenario, ...], Field(min_length=1, max_length=MAX_SCENARIOS)]
    """Independent of each other, their losses added up. They are entered without the controls."""
    controls: Annotated[tuple[Control, ...], Field(min_length=1, max_length=MAX_CONTROLS)]
    """Each is judged by itself, then all together. On one node they act in this order: reductions
    multiply, a replacement undoes what was done before it."""
    budget_per_year: Amount | None = None
    """For the costs a year. Without one, what pays for itself is bought."""
    trials: Annotated[int, Field(ge=1, le=MAX_TRIALS)] = 1 << 17
    """Simulated years, the same for all choices. Expectations and ROSI do not depend on it."""
    seed: Seed = 0
    """The same request gives the same numbers; another seed gives others as good."""
    percentiles: Annotated[tuple[Percent, ...], Field(max_length=100)] = (5, 50, 90, 95, 99)
    """In per cent of years: 95 asks for the loss that one year in twenty exceeds."""
    tail_percents: Annotated[tuple[Percent, ...], Field(max_length=20)] = (95, 99)
    """Where to give value at risk and tail value at risk, in per cent of years."""
    curve_points: Annotated[int, Field(ge=2, le=1000)] = 60
    """The most points an exceedance curve may have."""
    pictures: PictureFormats = ("png",)
    """Of the ranking. None is the quickest answer."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            check_comparison(
                engine_scenarios(self.scenarios), engine_controls(self.controls), self.trials
            )
        return self


class ComparisonProvenance(Provenance):
    """What the numbers depend on."""

    effect_draws: Count
    """Joint draws of effects and costs that the intervals of expectations come from."""
    trials: Count
    """Simulated years."""


class CompareControlsResult(Payload):
    """The losses before and after controls, every amount in `currency`."""

    name: str
    """As in the request."""
    currency: str
    """As in the request."""
    expected_loss_before: float
    """The exact expected annual loss of all scenarios without controls."""
    annual_loss_before: AnnualLoss
    """Simulated, without controls; its limits are 95% intervals."""
    controls: tuple[ControlOutcome, ...]
    """Each control by itself, in the order of the request."""
    all_controls: ControlOutcome
    """All of them together."""
    ranking: ControlRanking
    scenarios: tuple[ScenarioUnderControls, ...]
    """In the order of the request."""
    provenance: ComparisonProvenance
    pictures: tuple[Artifact, ...]
    """Of the ranking."""


@task("prism.compare_controls", queue=Queue.CPU, warm_up=warm_up, shadow=COMPARED_CONTROLS)
def compare_controls(
    request: CompareControlsRequest, *, progress: Progress, artifacts: ArtifactStore
) -> CompareControlsResult:
    """Compare losses before and after controls, with their return and the best for a budget."""
    found = comparison.compare_controls(
        engine_scenarios(request.scenarios),
        engine_controls(request.controls),
        budget=request.budget_per_year,
        trials=request.trials,
        seed=request.seed,
        progress=progress,
    )
    ids = [each.id for each in request.controls]
    progress(1.0, "drawing")
    return CompareControlsResult(
        name=request.name,
        currency=request.currency,
        expected_loss_before=found.expected_before,
        annual_loss_before=_annual_loss(request, found.years_before),
        controls=tuple(_outcome(request, each, ids) for each in found.alone),
        all_controls=_outcome(request, found.together, ids),
        ranking=ControlRanking.of(found.ranking, ids),
        scenarios=tuple(
            ScenarioUnderControls(scenario=name, before=before, after=after)
            for name, (before, after) in found.by_scenario.items()
        ),
        provenance=ComparisonProvenance.of(
            request,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            seed=request.seed,
            effect_draws=DRAWS,
            trials=request.trials,
        ),
        pictures=_pictures(request, found, ids, artifacts),
    )


def _outcome(
    request: CompareControlsRequest, outcome: comparison.Outcome, ids: Sequence[str]
) -> ControlOutcome:
    return ControlOutcome(
        controls=tuple(ids[k] for k in outcome.controls),
        investment=ControlReturn.of(outcome.investment),
        annual_loss=_annual_loss(request, outcome.years),
        simulated_reduction=Estimate.of(outcome.years.mean_reduction),
    )


def _annual_loss(request: CompareControlsRequest, years: PairedYears) -> AnnualLoss:
    return AnnualLoss.of(
        SimulatedLoss(years.losses),
        percentiles=request.percentiles,
        tail_percents=request.tail_percents,
        curve_points=request.curve_points,
    )


def _pictures(
    request: CompareControlsRequest,
    found: comparison.Comparison,
    ids: Sequence[str],
    artifacts: ArtifactStore,
) -> tuple[Artifact, ...]:
    if not request.pictures:
        return ()
    # Here, because the catalogue is read where the `prism` extra, matplotlib, is not installed.
    from engines.prism.controls.ranking_picture import RankingBar, ranking_picture

    bars = [
        RankingBar(
            name=ids[step.control],
            reduction=found.alone[step.control].investment.reduction,
            cost=found.alone[step.control].investment.cost.value,
            rosi=found.alone[step.control].investment.rosi,
            is_chosen=step.control in found.ranking.best.controls,
        )
        for step in found.ranking.steps
    ]
    budget = request.budget_per_year

    def draw(format: PictureFormat) -> bytes:
        return ranking_picture(
            bars,
            title=request.name,
            currency=request.currency,
            budget=budget,
            footnote=f"expected annual loss, {DRAWS:,} draws of effects and costs · "
            f"seed {request.seed} · {ENGINE} {ENGINE_VERSION}",
            format=format,
        )

    return store_pictures(request.pictures, draw, name="control-ranking", artifacts=artifacts)
