"""`prism.backtest_value_at_risk`: whether forecasts of VaR and ES were right."""

from __future__ import annotations

from datetime import date
from itertools import compress

from engines.prism.binomial_intervals import proportion_interval
from engines.prism.market_risk import ENGINE, ENGINE_VERSION, coverage_tests, shortfall_tests
from engines.prism.market_risk.forecast import Vector, tail_of
from engines.prism.market_risk.loss_quantile import Convention
from engines.prism.market_risk.position_losses import PositionLosses
from engines.prism.market_risk.rolling import RollingForecasts, rolling_forecasts
from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.names import Queue
from tasks.artifact import Artifact
from tasks.declaration import task
from tasks.payload import Count, Payload
from tasks.prism.backtest_request import ROLLING_FIELDS, BacktestValueAtRiskRequest, GivenForecasts
from tasks.prism.backtest_verdicts import (
    BacktestTrafficLight,
    BreachRate,
    BreachTransitions,
    CoverageTest,
    ExpectedShortfallTest,
)
from tasks.prism.market_method import renamed_fields
from tasks.prism.market_risk import MarketRiskCaution, MarketRiskProvenance
from tasks.prism.picture import PictureFormat, store_pictures
from tasks.prism.tolerances import BACKTEST

FORECAST = 0.9
"""The share of a run after which the forecasts are made, and are tested."""


class BacktestSeries(Payload):
    """What the pictures show, one item a tested period."""

    dates: tuple[date, ...] | None
    """Null where the request has none."""
    returns: tuple[float, ...]
    """As in the request."""
    value_at_risk: tuple[float, ...]
    """Positive is a loss; a breach is a loss of more."""
    expected_shortfall: tuple[float | None, ...] | None
    """Null where none was given; an item is null where the fitted tail has no mean."""
    breached: tuple[bool, ...]
    """Whether the period lost more than its VaR."""


class BacktestValueAtRiskResult(Payload):
    """How the forecasts did. VaR and ES are positive losses in the units of the returns."""

    name: str
    """As in the request."""
    level: float
    """As in the request."""
    periods: Count
    """That were forecast and tested."""
    dropped_periods: Count
    """That were left out because something was missing."""
    fits: Count | None
    """How often the method was fitted; null where the forecasts were given."""
    quantile_convention: Convention | None
    """Of the quantile of the losses; null where a formula or somebody else gave it."""
    breaches: Count
    """Periods that lost more than their VaR."""
    expected_breaches: float
    """Of right forecasts, on average."""
    breach_rate: BreachRate
    unconditional_coverage: CoverageTest
    """Kupiec's: are there too many breaches, or too few?"""
    independence: CoverageTest | None
    """Christoffersen's: do breaches follow each other? Null where no breach precedes a period."""
    conditional_coverage: CoverageTest | None
    """Christoffersen's, of both at once."""
    transitions: BreachTransitions
    traffic_light: BacktestTrafficLight
    expected_shortfall_test: ExpectedShortfallTest | None
    """Null where a forecast of ES is missing or not positive."""
    series: BacktestSeries
    cautions: tuple[MarketRiskCaution, ...]
    """Of all fits; empty where there is nothing to be careful about."""
    provenance: MarketRiskProvenance
    pictures: tuple[Artifact, ...]
    """In the formats of the request."""


@task("prism.backtest_value_at_risk", queue=Queue.CPU, shadow=BACKTEST)
def backtest_value_at_risk(
    request: BacktestValueAtRiskRequest, *, progress: Progress, artifacts: ArtifactStore
) -> BacktestValueAtRiskResult:
    """Test forecasts of value at risk and expected shortfall against the returns that came."""
    progress(0.0, "reading")
    taken = request.taken()
    rolled = _rolled(request, taken.losses[:, 0], progress)
    skipped = 0 if rolled is None else len(taken.losses) - len(rolled.value_at_risk)
    losses = taken.losses[skipped:, 0]
    values, shortfalls = _forecasts(taken, rolled)
    breached = losses > values
    dates = None
    if request.dates is not None:
        dates = tuple(compress(request.dates, taken.kept.tolist()))[skipped:]

    def draw(format: PictureFormat) -> bytes:
        # Here, because the catalogue is read where the `prism` extra, matplotlib, is missing.
        from engines.prism.market_risk.backtest_picture import backtest_picture

        return backtest_picture(
            losses,
            values,
            title=request.name,
            dates=None if dates is None else [each.isoformat() for each in dates],
            footnote=f"{request.how} · {ENGINE} {ENGINE_VERSION}",
            format=format,
        )

    probability, breaches = tail_of(request.level), int(breached.sum())
    hits: list[bool] = breached.tolist()
    unconditional = coverage_tests.unconditional_coverage(breaches, losses.size, probability)
    independent = coverage_tests.independence(hits)
    joint = coverage_tests.conditional_coverage(unconditional, independent)
    lower, upper = proportion_interval(breaches, losses.size)
    return BacktestValueAtRiskResult(
        name=request.name,
        level=request.level,
        periods=losses.size,
        dropped_periods=taken.dropped,
        fits=None if rolled is None else rolled.fits,
        quantile_convention=request.quantile_convention,
        breaches=breaches,
        expected_breaches=losses.size * probability,
        breach_rate=BreachRate(
            value=breaches / losses.size, lower=float(lower), upper=float(upper)
        ),
        unconditional_coverage=CoverageTest.of(unconditional),
        independence=None if independent is None else CoverageTest.of(independent),
        conditional_coverage=None if joint is None else CoverageTest.of(joint),
        transitions=BreachTransitions.of(coverage_tests.Transitions.of(hits)),
        traffic_light=BacktestTrafficLight.of(
            hits[-request.traffic_light_periods :], probability, request.rules
        ),
        expected_shortfall_test=_shortfall_test(
            request, losses, values, shortfalls, progress=_between(FORECAST, 1.0, progress)
        ),
        series=BacktestSeries(
            dates=dates,
            returns=tuple((0.0 - losses).tolist()),  # never a negative zero
            value_at_risk=tuple(values.tolist()),
            expected_shortfall=shortfalls,
            breached=tuple(hits),
        ),
        cautions=()
        if rolled is None
        else tuple(MarketRiskCaution.of(caution) for caution in rolled.cautions),
        provenance=MarketRiskProvenance.of_method(
            request, seed=request.seed, is_filtered=request.is_filtered
        ),
        pictures=store_pictures(
            request.pictures, draw, name="value-at-risk-backtest", artifacts=artifacts
        ),
    )


def _rolled(
    request: BacktestValueAtRiskRequest, losses: Vector, progress: Progress
) -> RollingForecasts | None:
    rolling = request.forecasts
    if isinstance(rolling, GivenForecasts):
        return None
    with renamed_fields(ROLLING_FIELDS):
        return rolling_forecasts(
            losses,
            rolling.method.engine(),
            percent=request.level,
            window=rolling.window,
            refit_every=rolling.refit_every,
            progress=_between(0.0, FORECAST, progress),
        )


def _forecasts(
    taken: PositionLosses, rolled: RollingForecasts | None
) -> tuple[Vector, tuple[float | None, ...] | None]:
    """Give the VaR and, where there is one, the ES of each tested period."""
    if rolled is not None:
        return rolled.value_at_risk, tuple(rolled.expected_shortfall)
    given = taken.losses.T
    return given[1], tuple(given[2].tolist()) if len(given) == 3 else None


def _shortfall_test(
    request: BacktestValueAtRiskRequest,
    losses: Vector,
    values: Vector,
    shortfalls: tuple[float | None, ...] | None,
    *,
    progress: Progress,
) -> ExpectedShortfallTest | None:
    if shortfalls is None:
        return None
    positive = [each for each in shortfalls if each is not None and each > 0]
    if len(positive) < len(shortfalls):
        return None
    return ExpectedShortfallTest.of(
        shortfall_tests.shortfall_test(
            losses,
            values,
            positive,
            tail_of(request.level),
            seed=request.seed,
            progress=progress,
        )
    )


def _between(start: float, end: float, progress: Progress) -> Progress:
    """Give the progress of a part of the run that begins and ends at these fractions."""

    def told(fraction: float, message: str = "") -> None:
        progress(start + (end - start) * fraction, message)

    return told
