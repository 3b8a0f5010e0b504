"""`prism.measure_value_at_risk`, as its callers meet it: JSON in, JSON out."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.progress import unreported
from tasks.prism.measure_value_at_risk import (
    MeasureValueAtRiskRequest,
    MeasureValueAtRiskResult,
    measure_value_at_risk,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "measure_value_at_risk.json"
Wire = dict[str, Any]

_RANDOM = random.Random(1)  # noqa: S311
SERIES = [[round(_RANDOM.gauss(0.0005, 0.01), 6) for _ in range(400)] for _ in range(2)]

METHODS: list[Wire] = [
    {"kind": "historical"},
    {"kind": "historical", "decay": 0.99},
    {"kind": "normal"},
    {"kind": "studentT"},
    {"kind": "cornishFisher", "outsideDomain": "flag"},
    {"kind": "ewma"},
    {"kind": "filteredHistorical", "convention": "higher"},
    {"kind": "monteCarlo", "draws": 20_000, "degreesOfFreedom": 5},
    {"kind": "peaksOverThreshold"},
]
each_method = pytest.mark.parametrize("method", METHODS, ids=lambda each: each["kind"])


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | changes


def two_positions(**changes: object) -> Wire:
    """400 periods of a long and a short position."""
    positions = [
        {"name": "long", "amount": 1000, "returns": SERIES[0]},
        {"name": "short", "amount": -500, "returns": SERIES[1]},
    ]
    return {"currency": "EUR", "positions": positions, "method": {"kind": "normal"}} | changes


def parsed(wire: Wire) -> MeasureValueAtRiskRequest:
    return MeasureValueAtRiskRequest.model_validate_json(json.dumps(wire))


def run(wire: Wire) -> MeasureValueAtRiskResult:
    result = measure_value_at_risk(parsed(wire), progress=unreported)
    assert isinstance(result, MeasureValueAtRiskResult)
    # As strictly as the fleet reads it back: no NaN got in.
    return MeasureValueAtRiskResult.model_validate_json(result.model_dump_json())


def refused(wire: Wire) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        parsed(wire)
    return [".".join(str(step) for step in problem["loc"]) for problem in refusal.value.errors()]


def test_the_example_says_who_carries_the_risk() -> None:
    """Three positions: their components sum to VaR and ES, and equities lead."""
    result = run(example())

    for level in result.levels:
        parts = level.contributions
        assert level.expected_shortfall is not None
        assert sum(part.component_value_at_risk for part in parts) == pytest.approx(
            level.value_at_risk.value
        )
        assert sum(part.component_expected_shortfall for part in parts) == pytest.approx(
            level.expected_shortfall.value
        )
        assert max(parts, key=lambda part: part.component_value_at_risk).name == "Equities"
        assert parts[0].marginal_value_at_risk == pytest.approx(
            parts[0].component_value_at_risk / 6_000_000
        )


@each_method
def test_every_method_measures_positive_losses(method: Wire) -> None:
    """At all levels, ES beyond VaR, from the same request but for the method."""
    result = run(two_positions(method=method, levels=[95, 97.5, 99]))

    values = [level.value_at_risk.value for level in result.levels]
    assert values == sorted(values)
    assert 10 < values[0] < 40
    for level in result.levels:
        assert level.expected_shortfall is not None
        assert level.expected_shortfall.value > level.value_at_risk.value
        assert level.contributions == ()
    assert (result.method, result.periods, result.horizon_periods) == (method["kind"], 400, 1)


def test_the_convention_of_the_quantile_is_echoed() -> None:
    """As named in the request, its default too; null where a formula gives the quantile."""
    conventions = [
        run(two_positions(method=method)).quantile_convention
        for method in (
            {"kind": "historical", "convention": "linear"},
            {"kind": "historical"},
            {"kind": "normal"},
        )
    ]

    assert conventions == ["linear", "inverted_cdf", None]


def test_a_horizon_is_scaled_and_flagged() -> None:
    """Ten periods by the square root of time: named in the request, a caution in the result."""
    one = run(two_positions(decompose=True))
    ten = run(two_positions(decompose=True, horizon={"periods": 10, "scaling": "squareRootOfTime"}))

    assert (one.cautions, [each.code for each in ten.cautions]) == ((), ["squareRootOfTime"])
    for short, long in zip(one.levels, ten.levels, strict=True):
        assert long.value_at_risk.value == pytest.approx(10**0.5 * short.value_at_risk.value)
        assert sum(part.component_value_at_risk for part in long.contributions) == pytest.approx(
            long.value_at_risk.value
        )


def test_a_short_position_gains_when_its_price_falls() -> None:
    """The same returns, held and sold short, cancel out."""
    positions = [
        {"name": "held", "amount": 100, "returns": SERIES[0]},
        {"name": "owed", "amount": -50, "returns": SERIES[0]},
    ]
    half = [{"name": "half", "amount": 50, "returns": SERIES[0]}]

    hedged, plain = (run(two_positions(positions=each)) for each in (positions, half))
    assert hedged.levels[0].value_at_risk.value == pytest.approx(
        plain.levels[0].value_at_risk.value
    )


def test_periods_that_miss_a_return_are_dropped_when_asked() -> None:
    """The result is that of the others, and says how many went."""
    holed = two_positions(missing="dropRows")
    holed["positions"][0]["returns"] = [None, *SERIES[0][1:]]
    holed["positions"][1]["returns"] = [*SERIES[1][:-1], None]
    whole = two_positions()
    for position, series in zip(whole["positions"], SERIES, strict=True):
        position["returns"] = series[1:-1]

    with_holes, without = run(holed), run(whole)
    assert (with_holes.periods, with_holes.dropped_periods) == (398, 2)
    assert with_holes.levels == without.levels


def test_the_same_seed_is_the_same_answer() -> None:
    """Of a simulation, to the last digit; another seed gives another."""
    method = {"kind": "monteCarlo", "draws": 10_000}
    first, again, other = (run(two_positions(method=method | {"seed": seed})) for seed in (3, 3, 4))

    assert first == again
    assert first.levels != other.levels


def test_the_library_that_fitted_is_named() -> None:
    """Only where it did."""
    versions = [
        run(two_positions(method={"kind": kind})).provenance.arch_version
        for kind in ("filteredHistorical", "normal")
    ]

    assert versions[0] is not None
    assert versions[1] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"positions": []}, "positions"),
        ({"currency": "euro"}, "currency"),
        ({"levels": []}, "levels"),
        ({"levels": [95, 100]}, "levels.1"),
        ({"levels": [95, 49]}, "levels.1"),
        ({"horizon": {"periods": 10}}, "horizon.scaling"),
        ({"horizon": {"periods": 0, "scaling": "squareRootOfTime"}}, "horizon.periods"),
        ({"missing": "zero"}, "missing"),
        ({"method": {"kind": "guess"}}, "method"),
        ({"method": {"kind": "historical", "convention": "median"}}, "method.convention"),
        ({"method": {"kind": "historical", "decay": 1}}, "method.decay"),
        (
            {"method": {"kind": "historical", "decay": 0.9, "convention": "linear"}},
            "method.convention",
        ),
        ({"method": {"kind": "ewma", "decay": -0.5}}, "method.decay"),
        ({"method": {"kind": "monteCarlo", "degreesOfFreedom": 2}}, "method.degreesOfFreedom"),
        ({"method": {"kind": "monteCarlo", "draws": 10**9}}, "method.draws"),
        ({"method": {"kind": "monteCarlo", "draws": 5000}, "levels": [99]}, "method.draws"),
        ({"method": {"kind": "peaksOverThreshold", "exceedances": 0.9}}, "method.exceedances"),
        ({"method": {"kind": "peaksOverThreshold"}, "levels": [95, 85]}, "levels.1"),
        ({"method": {"kind": "studentT"}, "decompose": True}, "decompose"),
        ({"dates": ["2024-01-01"]}, "dates"),
        ({"surprise": 1}, "surprise"),
    ],
    ids=str,
)
def test_an_impossible_value_is_refused_at_its_field(changes: Wire, field: str) -> None:
    """By the path that the caller wrote, and by no other."""
    assert [field] == refused(two_positions(**changes))


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("returns", [0.1], "positions.1.returns"),
        ("returns", SERIES[0][:-1], "positions.1.returns"),
        ("returns", [*SERIES[0][:-1], None], "positions.1.returns.399"),
        ("returns", [*SERIES[0][:-1], 1e16], "positions.1.returns.399"),
        ("amount", 0, "positions.1.amount"),
        ("amount", 1e16, "positions.1.amount"),
        ("name", "long", "positions.1.name"),
        ("name", "", "positions.1.name"),
    ],
    ids=str,
)
def test_an_impossible_position_is_refused(field: str, value: object, path: str) -> None:
    """Too short, of another length, with a hole, too large, nothing, or twice."""
    wire = two_positions()
    wire["positions"][1][field] = value

    assert [path] == refused(wire)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(number: str) -> None:
    """Wherever JSON readers let it through."""
    text = json.dumps(two_positions()).replace('"amount": 1000', f'"amount": {number}')

    with pytest.raises(ValidationError, match="amount"):
        MeasureValueAtRiskRequest.model_validate_json(text)


@pytest.mark.parametrize(
    ("method", "level", "needed"),
    [
        ({"kind": "historical"}, 99.9, 1000),
        ({"kind": "normal"}, 95, 30),
        ({"kind": "studentT"}, 95, 100),
        ({"kind": "cornishFisher"}, 95, 100),
        ({"kind": "ewma"}, 95, 74),
        ({"kind": "filteredHistorical"}, 95, 250),
        ({"kind": "monteCarlo"}, 95, 30),
        ({"kind": "peaksOverThreshold"}, 95, 300),
    ],
    ids=str,
)
def test_too_short_a_sample_is_refused_with_what_would_do(
    method: Wire, level: float, needed: int
) -> None:
    """One period fewer than needed; as many as needed are taken."""
    series = [0.01 * (at % 7 - 3) for at in range(needed)]
    wire = two_positions(method=method, levels=[level])
    wire["positions"] = [{"name": "one", "amount": 1, "returns": series}]
    assert parsed(wire)

    wire["positions"][0]["returns"] = series[1:]
    with pytest.raises(ValidationError, match=f"at least {needed} periods") as refusal:
        parsed(wire)
    assert [problem["loc"] for problem in refusal.value.errors()] == [("positions",)]


def test_returns_that_never_vary_are_refused_by_name() -> None:
    """When the fit meets them."""
    wire = two_positions(positions=[{"name": "cash", "amount": 1, "returns": [0.01] * 100}])

    with pytest.raises(InvalidInput, match=r"^positions: expected returns that vary"):
        run(wire)
