"""`prism.compare_controls`, as its callers meet it: JSON in, JSON and a picture out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from engines.progress import unreported
from queues.artifacts import ArtifactStore, open_store
from tasks.prism.compare_controls import (
    CompareControlsRequest,
    CompareControlsResult,
    compare_controls,
)

EXAMPLE = Path(__file__).parents[3] / "examples" / "compare_controls.json"
Wire = dict[str, Any]
Run = Callable[[Wire], CompareControlsResult]


def example(**changes: object) -> Wire:
    wire: Wire = json.loads(EXAMPLE.read_text())
    return wire | {"trials": 20_000, "pictures": []} | changes


def with_field(path: str, value: object) -> Wire:
    """Give the example with the field at a dotted path set."""
    wire = example()
    *folders, last = path.split(".")
    inside: Any = wire
    for folder in folders:
        inside = inside[int(folder) if folder.isdigit() else folder]
    inside[int(last) if last.isdigit() else last] = value
    return wire


def parsed(wire: Wire) -> CompareControlsRequest:
    return CompareControlsRequest.model_validate_json(json.dumps(wire))


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path))


@pytest.fixture
def run(artifacts: ArtifactStore) -> Run:
    def compare(wire: Wire) -> CompareControlsResult:
        result = compare_controls(parsed(wire), progress=unreported, artifacts=artifacts)
        assert isinstance(result, CompareControlsResult)
        return result

    return compare


def test_the_example_answers_what_a_buyer_asks(run: Run, artifacts: ArtifactStore) -> None:
    """Before and after, alone and together, what pays, what to buy, and a picture of it."""
    result = run(example(pictures=["png", "svg"]))

    assert [outcome.controls for outcome in result.controls] == [
        ("endpoint detection",), ("offline backups",), ("incident retainer",),
    ]  # fmt: skip
    assert result.ranking.search == "enumeration"
    assert result.ranking.best.controls == ("endpoint detection", "offline backups")
    assert result.ranking.best.cost <= 250_000
    assert [step.is_chosen for step in result.ranking.order] == [True, True, False]
    assert [each.media_type for each in result.pictures] == ["image/png", "image/svg+xml"]
    png, svg = (artifacts.read(picture.reference()) for picture in result.pictures)
    assert png.startswith(b"\x89PNG")
    assert b"<svg" in svg


def test_exact_and_simulated_numbers_agree(run: Run) -> None:
    """The simulation's mean is within twice its 95% interval of the exact expectation, and so is
    the mean difference of the paired years, for each control and for all of them."""
    result = run(example(trials=100_000))

    for outcome in (*result.controls, result.all_controls):
        for exact, simulated in (
            (outcome.investment.expected_loss, outcome.annual_loss.mean),
            (outcome.investment.reduction, outcome.simulated_reduction),
        ):
            assert simulated.upper is not None
            assert abs(exact.value - simulated.value) < 2 * (simulated.upper - simulated.value)


def test_amounts_add_up(run: Run) -> None:
    """Before less reduction is after; scenarios sum up to the whole; the last step is all."""
    result = run(example())
    everything = result.all_controls.investment

    assert result.expected_loss_before - everything.reduction.value == pytest.approx(
        everything.expected_loss.value
    )
    assert sum(each.before for each in result.scenarios) == pytest.approx(
        result.expected_loss_before
    )
    assert sum(each.after for each in result.scenarios) == pytest.approx(
        everything.expected_loss.value
    )
    assert result.ranking.order[-1].expected_loss == pytest.approx(everything.expected_loss.value)
    assert result.ranking.order[-1].cumulated_cost == pytest.approx(everything.cost.value)


def test_controls_shift_the_whole_curve(run: Run) -> None:
    """All three together lower every percentile that was asked for."""
    result = run(example())

    for before, after in zip(
        result.annual_loss_before.percentiles, result.all_controls.annual_loss.percentiles,
        strict=True,
    ):  # fmt: skip
        assert before.percent == after.percent
        assert after.value < before.value


def test_the_same_request_gives_the_same_bytes(run: Run) -> None:
    """Another seed gives another simulation, and the same expectations."""
    wire = example(trials=2000)
    one, again, other = run(wire), run(wire), run(wire | {"seed": 2})

    assert one.model_dump_json() == again.model_dump_json()
    assert one.annual_loss_before != other.annual_loss_before
    assert one.expected_loss_before == other.expected_loss_before


def test_only_names_scenarios_and_controls_are_required() -> None:
    """A hundred thousand years, and what pays for itself."""
    wire = {key: example()[key] for key in ("name", "currency", "scenarios", "controls")}
    request = parsed(wire)

    assert (request.trials, request.seed, request.budget_per_year) == (1 << 17, 0, None)


def test_a_plain_number_is_an_effect(run: Run) -> None:
    """A share and a cost that are known for sure have no interval."""
    known = {
        "id": "known",
        "actions": [{
            "node": "lossEventFrequencyPerYear",
            "scenarios": ["data theft"],
            "effect": {"operation": "reduceBy", "share": 0.5},
        }],
        "annualCost": 1000,
    }  # fmt: skip
    (outcome,) = run(example(controls=[known])).controls
    investment = outcome.investment

    assert investment.cost.lower == investment.cost.upper == 1000
    assert investment.reduction.lower == pytest.approx(investment.reduction.upper)


ACTION = "controls.0.actions.0"


@pytest.mark.parametrize(
    ("path", "value", "at"),
    [
        (f"{ACTION}.node", "budget", f"{ACTION}.node"),
        (f"{ACTION}.node", "vulnerabilityScope", f"{ACTION}.node"),
        (f"{ACTION}.node", "primaryLoss", f"{ACTION}.node"),
        (f"{ACTION}.node", "contactFrequencyPerYear", f"{ACTION}.node"),
        (f"{ACTION}.scenarios", ["malware"], f"{ACTION}.scenarios.0"),
        (f"{ACTION}.scenarios", [], f"{ACTION}.scenarios"),
        (f"{ACTION}.scenarios", ["ransomware", "ransomware"], f"{ACTION}.scenarios.1"),
        (f"{ACTION}.effect.operation", "divide", f"{ACTION}.effect"),
        (f"{ACTION}.effect.amount", None, f"{ACTION}.effect.amount"),
        (f"{ACTION}.effect.share", 0.5, f"{ACTION}.effect.share"),
        ("controls.0.actions.1.effect.share", 1.5, "controls.0.actions.1.effect.share"),
        ("controls.0.actions.1.effect.coverage", -0.5, "controls.0.actions.1.effect.coverage"),
        ("controls.2.actions.0.effect.by", -1, "controls.2.actions.0.effect.by"),
        ("controls.0.actions", [], "controls.0.actions"),
        ("controls.0.annualCost", -5, "controls.0.annualCost"),
        ("controls.1.amortisationYears", 0, "controls.1.amortisationYears"),
        ("controls.1.id", "endpoint detection", "controls.1.id"),
        ("controls", [], "controls"),
        ("scenarios.1.id", "ransomware", "scenarios.1.id"),
        ("scenarios", [], "scenarios"),
        ("scenarios.0.scenario.threatCapability", None, "scenarios.0.scenario.threatCapability"),
        ("budgetPerYear", -1, "budgetPerYear"),
        ("budgetPerYear", float("nan"), "budgetPerYear"),
        ("trials", 0, "trials"),
        ("trials", 10_000_001, "trials"),
        ("seed", -1, "seed"),
        ("percentiles", [0], "percentiles.0"),
        ("pictures", ["gif"], "pictures.0"),
        ("surprise", 1, "surprise"),
    ],
)
def test_an_impossible_value_is_refused_at_its_field(path: str, value: object, at: str) -> None:
    """Before anything runs."""
    with pytest.raises(ValidationError) as refusal:
        parsed(with_field(path, value))

    assert at in [
        ".".join(str(step) for step in problem["loc"]) for problem in refusal.value.errors()
    ]


def test_too_many_loss_events_are_refused_with_what_would_do() -> None:
    """A million a year, times the years."""
    busy = with_field("scenarios.1.scenario.lossEventFrequencyPerYear", 1e6)

    with pytest.raises(ValidationError, match="at most 499 with so many") as refusal:
        parsed(busy)
    assert [problem["loc"] for problem in refusal.value.errors()] == [("trials",)]
