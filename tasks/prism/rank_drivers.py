"""`prism.rank_drivers`: which estimates the annual loss depends on, and scenarios side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from engines.prism import scenario
from engines.prism.drivers import ENGINE, ENGINE_VERSION
from engines.prism.drivers.percentile_tornado import check_percentile_tornado, percentile_tornado
from engines.prism.drivers.scenario_comparison import compare_scenarios
from engines.prism.drivers.tail_drivers import LOG2_POINTS, REPLICATES, tail_drivers
from engines.prism.drivers.tornado import MAX_SCENARIOS, check_tornado, tornado
from engines.prism.drivers.variance_shares import variance_shares
from engines.prism.drivers.warm_up import warm_up
from engines.prism.fair_node import leaves_of
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.artifact import Artifact
from tasks.declaration import task
from tasks.payload import Count, Payload
from tasks.prism.annual_loss import AnnualLoss, Percent
from tasks.prism.annual_loss_request import Currency, Name, Seed
from tasks.prism.driver_answers import ScenarioBesideOthers, TailDriver, Tornado, VarianceDriver
from tasks.prism.named_scenario import NamedScenario, engine_scenarios
from tasks.prism.picture import PictureFormat, PictureFormats, store_pictures
from tasks.prism.provenance import Provenance
from tasks.prism.tolerances import DRIVERS
from tasks.refusal import refused_fields


class RankDriversRequest(Payload):
    """Scenarios, and how to look at what drives their losses."""

    name: Name
    """What it is called, on one line; the title of the picture."""
    currency: Currency
    """ISO 4217, of every amount in the request and the result."""
    scenarios: Annotated[tuple[NamedScenario, ...], Field(min_length=1, max_length=MAX_SCENARIOS)]
    """Independent of each other, their losses added up."""
    low_percent: Percent = 10
    """The percentile of an estimate at the low end of its bar."""
    high_percent: Percent = 90
    """The percentile of an estimate at the high end of its bar; more than `lowPercent`."""
    tornado_percent: Percent | None = None
    """Also move this percentile of the annual loss, not only its expectation: exactly, which takes
    two distributions of the annual loss for each estimate."""
    tail_percent: Percent = 95
    """The percentile of the annual loss beyond which a year is a bad one."""
    percentiles: Annotated[tuple[Percent, ...], Field(max_length=100)] = (5, 50, 90, 95, 99)
    """Of each scenario, in per cent of years."""
    tail_percents: Annotated[tuple[Percent, ...], Field(max_length=20)] = (95, 99)
    """Where to give value at risk and tail value at risk of each scenario."""
    curve_points: Annotated[int, Field(ge=2, le=1000)] = 60
    """The most points an exceedance curve may have."""
    seed: Seed = 0
    """The same request gives the same numbers; another seed gives others as good."""
    pictures: PictureFormats = ("png",)
    """Of the tornado: of the percentile where one is asked for, else of the expected loss. None is
    the quickest answer."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            scenarios = engine_scenarios(self.scenarios)
            check_tornado(scenarios, self.low_percent, self.high_percent)
            if self.tornado_percent is not None:
                check_percentile_tornado(scenarios, self.low_percent, self.high_percent)
        return self


class DriversProvenance(Provenance):
    """What the numbers depend on."""

    points: Count
    """Scrambled Sobol points of the tail drivers."""
    replicates: Count
    """Independent scramblings among them, which the intervals come from."""


class RankDriversResult(Payload):
    """What the annual loss depends on, every amount in `currency`."""

    name: str
    """As in the request."""
    currency: str
    """As in the request."""
    tornado: Tornado
    """Of the expected annual loss, exact: all other estimates are integrated out, not set to a
    middle value."""
    percentile_tornado: Tornado | None
    """Null unless asked for."""
    variance_drivers: tuple[VarianceDriver, ...] | None
    """The largest total index first; null where an estimate has no finite variance, and so no
    Sobol indices."""
    tail_percent: float
    """As in the request."""
    tail_drivers: tuple[TailDriver, ...]
    """The largest total index first."""
    scenarios: tuple[ScenarioBesideOthers, ...]
    """In the order of the request."""
    provenance: DriversProvenance
    pictures: tuple[Artifact, ...]
    """Of the tornado; none where no estimate is uncertain."""


@task("prism.rank_drivers", queue=Queue.CPU, warm_up=warm_up, shadow=DRIVERS)
def rank_drivers(
    request: RankDriversRequest, *, progress: Progress, artifacts: ArtifactStore
) -> RankDriversResult:
    """Rank the estimates in scenarios by what the annual loss depends on, and compare scenarios."""
    scenarios = engine_scenarios(request.scenarios)
    bounds = {"low_percent": request.low_percent, "high_percent": request.high_percent}
    expected = Tornado.of(tornado(scenarios, **bounds), None)
    of_percentile = None
    if request.tornado_percent is not None:
        moved = percentile_tornado(
            scenarios, percent=request.tornado_percent, **bounds, progress=progress
        )
        of_percentile = Tornado.of(moved, request.tornado_percent)
    in_tail = tail_drivers(
        scenarios, percent=request.tail_percent, seed=request.seed, progress=progress
    )
    return RankDriversResult(
        name=request.name,
        currency=request.currency,
        tornado=expected,
        percentile_tornado=of_percentile,
        variance_drivers=_variance_drivers(scenarios),
        tail_percent=request.tail_percent,
        tail_drivers=tuple(TailDriver.of(driver) for driver in in_tail),
        scenarios=_beside_each_other(request, scenarios, progress),
        provenance=DriversProvenance.of(
            request,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            seed=request.seed,
            points=REPLICATES << LOG2_POINTS,
            replicates=REPLICATES,
        ),
        pictures=_pictures(request, of_percentile or expected, artifacts),
    )


def _variance_drivers(
    scenarios: Mapping[str, scenario.Scenario],
) -> tuple[VarianceDriver, ...] | None:
    leaves = [leaf for each in scenarios.values() for leaf in leaves_of(each).values()]
    if not all(math.isfinite(leaf.variance) for leaf in leaves):
        return None
    return tuple(VarianceDriver.of(share) for share in variance_shares(scenarios))


def _beside_each_other(
    request: RankDriversRequest, scenarios: Mapping[str, scenario.Scenario], progress: Progress
) -> tuple[ScenarioBesideOthers, ...]:
    compared = compare_scenarios(scenarios, seed=request.seed, progress=progress)
    answers = []
    for name, each in compared.items():
        progress(1.0, "comparing scenarios")
        loss = AnnualLoss.of(
            each.losses,
            percentiles=request.percentiles,
            tail_percents=request.tail_percents,
            curve_points=request.curve_points,
        )
        answers.append(
            ScenarioBesideOthers(
                scenario=name, share=each.share, annual_loss=loss, dominates=each.dominated
            )
        )
    return tuple(answers)


def _pictures(
    request: RankDriversRequest, shown: Tornado, artifacts: ArtifactStore
) -> tuple[Artifact, ...]:
    if not request.pictures or not shown.swings:
        return ()
    # Here, because the catalogue is read where the `prism` extra, matplotlib, is not installed.
    from engines.prism.drivers.tornado_picture import TornadoBar, tornado_picture

    several = len(request.scenarios) > 1
    bars = [
        TornadoBar(
            name=f"{swing.scenario} · {swing.node.words}" if several else swing.node.words,
            low=swing.low,
            high=swing.high,
            loss_at_low=swing.loss_at_low,
            loss_at_high=swing.loss_at_high,
        )
        for swing in shown.swings
    ]
    what = "Expected annual loss" if shown.percent is None else f"P{shown.percent:g} of annual loss"

    def draw(format: PictureFormat) -> bytes:
        return tornado_picture(
            bars,
            base=shown.base,
            title=request.name,
            subtitle=f"{what}, each estimate at its P{request.low_percent:g} (light) and "
            f"P{request.high_percent:g} (dark)",
            currency=request.currency,
            footnote=f"other estimates as uncertain as they are · {ENGINE} {ENGINE_VERSION}",
            format=format,
        )

    return store_pictures(request.pictures, draw, name="tornado", artifacts=artifacts)
