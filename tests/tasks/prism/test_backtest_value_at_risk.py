"""`prism.backtest_value_at_risk`, as its callers meet it: JSON in, JSON and pictures out."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.errors import Stopped
from engines.progress import unreported
from queues.artifacts import ArtifactReference, ArtifactStore, open_store
from tasks.prism.backtest_request import BacktestValueAtRiskRequest
from tasks.prism.backtest_value_at_risk import BacktestValueAtRiskResult, backtest_value_at_risk

EXAMPLE = Path(__file__).parents[3] / "examples" / "backtest_value_at_risk.json"
Wire = dict[str, Any]
Run = Callable[[Wire], BacktestValueAtRiskResult]

_RANDOM = random.Random(1)  # noqa: S311
RETURNS = [round(_RANDOM.gauss(0, 0.01), 6) for _ in range(300)]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | changes


def given_forecasts(**changes: object) -> Wire:
    """Ten periods, of which the third and the last breach a VaR of 2."""
    forecasts = {
        "kind": "given",
        "valueAtRisk": [2.0] * 10,
        "expectedShortfall": [2.5] * 10,
    }
    returns = [0.5, -1, -3, 1, -2, 0, 1, -1, 0, -2.5]
    return {"name": "Desk", "returns": returns, "level": 90, "forecasts": forecasts} | changes


def rolling(**changes: object) -> Wire:
    forecasts = {"kind": "rolling", "method": {"kind": "historical"}, "window": 100}
    return {"name": "Desk", "returns": RETURNS, "level": 95, "forecasts": forecasts | changes}


def parsed(wire: Wire) -> BacktestValueAtRiskRequest:
    return BacktestValueAtRiskRequest.model_validate_json(json.dumps(wire))


def refused(wire: Wire) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)
    return [".".join(str(step) for step in problem["loc"]) for problem in refusal.value.errors()]


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path))


@pytest.fixture
def run(artifacts: ArtifactStore) -> Run:
    def backtest(wire: Wire) -> BacktestValueAtRiskResult:
        result = backtest_value_at_risk(parsed(wire), progress=unreported, artifacts=artifacts)
        # As strictly as the fleet reads it back: no NaN got in.
        return BacktestValueAtRiskResult.model_validate_json(result.model_dump_json())

    return backtest


def test_the_example_is_a_year_in_the_yellow_zone(run: Run, artifacts: ArtifactStore) -> None:
    """RiskMetrics on fat tails: 6 breaches of 2.5 expected in 250 days; the picture is fetched."""
    result = run(example())
    (picture,) = result.pictures

    assert (result.periods, result.breaches, result.expected_breaches) == (250, 6, 2.5)
    assert result.breach_rate.lower < 0.01 < result.breach_rate.value == 6 / 250
    light = result.traffic_light
    assert (light.zone, light.plus_factor, light.multiplier, light.as_printed) == (
        "yellow", 0.5, 3.5, True,
    )  # fmt: skip
    stored = artifacts.read(
        ArtifactReference(
            uri=picture.uri,
            sha256=picture.sha256,
            size_bytes=picture.size_bytes,
            media_type=picture.media_type,
        )
    )
    assert stored.startswith(b"<?xml")


def test_a_breach_is_a_loss_of_more_than_value_at_risk(run: Run) -> None:
    """Not of as much: the period that lost 2.0 kept to its VaR of 2."""
    result = run(given_forecasts())

    assert [at for at, breached in enumerate(result.series.breached) if breached] == [2, 9]
    assert result.series.returns == (0.5, -1, -3, 1, -2, 0, 1, -1, 0, -2.5)
    assert (result.fits, result.quantile_convention) == (None, None)
    seen = result.transitions
    assert (seen.n00, seen.n01, seen.n10, seen.n11) == (6, 2, 1, 0)
    assert result.expected_shortfall_test is not None
    assert result.expected_shortfall_test.z2 == pytest.approx(1 - (3 + 2.5) / 2.5 / 1)


def test_without_forecasts_of_shortfall_there_is_no_test_of_it(run: Run) -> None:
    """The others stand."""
    result = run(given_forecasts(forecasts={"kind": "given", "valueAtRisk": [2.0] * 10}))

    assert result.expected_shortfall_test is None
    assert result.series.expected_shortfall is None
    assert result.breaches == 2


def test_no_breach_leaves_independence_open(run: Run) -> None:
    """Null, not a statistic of nothing."""
    result = run(given_forecasts(forecasts={"kind": "given", "valueAtRisk": [9.0] * 10}))

    assert (result.independence, result.conditional_coverage) == (None, None)
    assert result.unconditional_coverage.statistic > 0


def test_rolling_forecasts_are_tested_where_they_were_made(run: Run) -> None:
    """300 returns less a window of 100; dates move along."""
    dates = [f"{2000 + at // 336:04}-{at // 28 % 12 + 1:02}-{at % 28 + 1:02}" for at in range(300)]
    result = run(rolling(refitEvery=50) | {"dates": dates})

    assert (result.periods, result.fits) == (200, 4)
    assert result.series.returns == tuple(RETURNS[100:])
    assert result.series.dates is not None
    assert [each.isoformat() for each in result.series.dates] == dates[100:]
    assert result.quantile_convention == "inverted_cdf"
    assert result.traffic_light.periods == 200


def test_the_traffic_light_looks_at_the_latest(run: Run) -> None:
    """Ten of two hundred, by the rules of the request."""
    result = run(rolling() | {"trafficLightPeriods": 10, "rules": "mar32"})

    assert result.traffic_light.breaches == sum(result.series.breached[-10:])
    assert (result.traffic_light.periods, result.traffic_light.as_printed) == (10, False)
    assert result.traffic_light.multiplier == 1.5 + result.traffic_light.plus_factor


def test_what_misses_something_is_dropped_when_asked(run: Run) -> None:
    """A return or a forecast; its date goes with it."""
    wire = given_forecasts(missing="dropRows", dates=[f"2024-01-{at:02}" for at in range(1, 11)])
    wire["returns"][0] = None
    wire["forecasts"]["valueAtRisk"][2] = None
    result = run(wire)

    assert (result.periods, result.dropped_periods, result.breaches) == (8, 2, 1)
    assert result.series.dates is not None
    assert [each.day for each in result.series.dates] == [2, 4, 5, 6, 7, 8, 9, 10]


def test_pictures_are_drawn_when_asked(run: Run) -> None:
    """None by default, each format once."""
    formats = [
        [picture.media_type for picture in run(rolling() | {"pictures": asked}).pictures]
        for asked in ([], ["png"], ["svg", "png"])
    ]

    assert formats == [[], ["image/png"], ["image/svg+xml", "image/png"]]


def test_a_run_can_be_stopped(artifacts: ArtifactStore) -> None:
    """Within one forecast, with the fraction of them that were made."""
    told: list[float] = []

    def stop(fraction: float, message: str = "") -> None:
        told.append(fraction)
        if fraction > 0.5:
            raise Stopped(message)

    with pytest.raises(Stopped, match="forecasting"):
        backtest_value_at_risk(parsed(rolling()), progress=stop, artifacts=artifacts)
    assert len(told) > 100
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "a\nb"}, "name"),
        ({"level": 30}, "level"),
        ({"returns": [1]}, "returns"),
        ({"returns": [None, *[-1.0] * 9]}, "returns.0"),
        ({"returns": [-1.0] * 9}, "forecasts.valueAtRisk"),
        ({"rules": "basel2"}, "rules"),
        ({"trafficLightPeriods": 0}, "trafficLightPeriods"),
        ({"seed": -1}, "seed"),
        ({"pictures": ["gif"]}, "pictures.0"),
        ({"dates": ["2024-01-01"] * 10}, "dates.1"),
        ({"dates": ["01.01.2024"] * 10}, "dates.0"),
        ({"forecasts": {"kind": "told"}}, "forecasts"),
        ({"forecasts": {"kind": "given", "valueAtRisk": [-2.0] * 10}}, "forecasts.valueAtRisk.0"),
        ({"forecasts": {"kind": "given", "valueAtRisk": [True] * 10}}, "forecasts.valueAtRisk.0"),
        ({"forecasts": {"kind": "given", "valueAtRisk": "2" * 10}}, "forecasts.valueAtRisk"),
        (
            {"forecasts": {"kind": "given", "valueAtRisk": [None] * 10}, "missing": "dropRows"},
            "returns",
        ),
        (
            {
                "forecasts": {
                    "kind": "given",
                    "valueAtRisk": [2.0] * 10,
                    "expectedShortfall": [1.0] * 10,
                }
            },
            "forecasts.expectedShortfall",
        ),
    ],
    ids=str,
)
def test_an_impossible_value_is_refused_at_its_field(changes: Wire, field: str) -> None:
    """By the path that the caller wrote; a VaR of the wrong sign is the commonest."""
    fields = refused(given_forecasts(**changes))

    assert field == fields[0]
    assert len({each.rpartition(".")[0] for each in fields}) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"window": 19}, "forecasts.window"),
        ({"window": 300}, "forecasts.window"),
        ({"refitEvery": 0}, "forecasts.refitEvery"),
        ({"method": {"kind": "ewma", "decay": 2}}, "forecasts.method.decay"),
        ({"method": {"kind": "monteCarlo", "draws": 1000}}, "forecasts.method.draws"),
        (
            {"method": {"kind": "monteCarlo", "draws": 10**6}, "window": 30},
            "forecasts.method.draws",
        ),
        ({"method": {"kind": "peaksOverThreshold", "exceedances": 0.04}}, "level"),
    ],
    ids=str,
)
def test_an_impossible_rolling_forecast_is_refused_at_its_field(changes: Wire, field: str) -> None:
    """Too short, too long, never refitted, impossible of itself."""
    assert [field] == refused(rolling(**changes))
