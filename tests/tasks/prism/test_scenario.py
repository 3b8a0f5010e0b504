"""A scenario is taken at any level of the FAIR tree, and refused where two levels are mixed."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest
from pydantic import ValidationError

from engines.prism.event_count import event_count
from tasks.prism.scenario import Scenario

Wire = dict[str, Any]

PERT = {"distribution": "pert", "low": 0.1, "mode": 0.3, "high": 0.9}
MONEY = {"distribution": "lognormal", "low": 50_000, "high": 1_000_000}
LEVELS: dict[str, Wire] = {
    "loss events": {"lossEventFrequencyPerYear": PERT},
    "threat events": {"threatEventFrequencyPerYear": PERT, "vulnerability": 0.5},
    "contacts": {"contactFrequencyPerYear": 20, "probabilityOfAction": PERT, "vulnerability": 0.5},
    "contest": {
        "threatEventFrequencyPerYear": PERT,
        "threatCapability": PERT,
        "resistanceStrength": PERT,
        "vulnerabilityScope": "perYear",
    },
    "all leaves": {
        "contactFrequencyPerYear": 20,
        "probabilityOfAction": PERT,
        "threatCapability": PERT,
        "resistanceStrength": PERT,
        "vulnerabilityScope": "perEvent",
    },
}


def parsed(wire: Wire) -> Scenario:
    return Scenario.model_validate_json(json.dumps({"primaryLoss": MONEY} | wire))


def refused_at(wire: Wire) -> list[str]:
    with pytest.raises(ValidationError) as refusal:
        Scenario.model_validate_json(json.dumps(wire))
    return [".".join(map(str, problem["loc"])) for problem in refusal.value.errors()]


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_taken(level: str) -> None:
    """And has events."""
    assert event_count(parsed(LEVELS[level]).engine()).mean > 0


def test_levels_agree_where_they_say_the_same() -> None:
    """Ten contacts, half of which act, a fifth of which succeed, are one loss event a year."""
    contacts = {"contactFrequencyPerYear": 10, "probabilityOfAction": 0.5, "vulnerability": 0.2}
    threats = {"threatEventFrequencyPerYear": 5, "vulnerability": 0.2}
    events = {"lossEventFrequencyPerYear": 1}
    means = [event_count(parsed(wire).engine()).mean for wire in (contacts, threats, events)]

    assert means == pytest.approx([1, 1, 1], rel=1e-15)


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("lossEventFrequencyPerYear", "threatEventFrequencyPerYear"),
        ("lossEventFrequencyPerYear", "contactFrequencyPerYear"),
        ("lossEventFrequencyPerYear", "probabilityOfAction"),
        ("lossEventFrequencyPerYear", "vulnerability"),
        ("lossEventFrequencyPerYear", "threatCapability"),
        ("lossEventFrequencyPerYear", "resistanceStrength"),
        ("threatEventFrequencyPerYear", "contactFrequencyPerYear"),
        ("threatEventFrequencyPerYear", "probabilityOfAction"),
        ("vulnerability", "threatCapability"),
        ("vulnerability", "resistanceStrength"),
    ],
)
def test_a_node_forbids_those_it_would_be_derived_from(parent: str, child: str) -> None:
    """The refusal stands at the child and names the parent."""
    level = {
        "lossEventFrequencyPerYear": "loss events",
        "threatEventFrequencyPerYear": "threat events",
        "vulnerability": "threat events",
    }[parent]

    with pytest.raises(ValidationError, match=parent) as refusal:
        parsed(LEVELS[level] | {child: PERT})

    assert [problem["loc"] for problem in refusal.value.errors()] == [(child,)]


def test_loss_is_given_whole_or_by_form() -> None:
    """Not both, not neither; the same for a secondary loss."""
    events = LEVELS["loss events"]
    by_form = {"response": MONEY}
    secondary = {"probability": 0.2}

    assert refused_at(events) == ["primaryLoss"]
    assert refused_at(events | {"primaryLoss": MONEY, "primaryLossByForm": by_form}) == [
        "primaryLossByForm"
    ]
    assert refused_at(events | {"primaryLossByForm": {}}) == ["primaryLossByForm.productivity"]
    assert refused_at(events | {"primaryLoss": 1, "secondaryLoss": secondary}) == [
        "secondaryLoss.loss"
    ]
    both = secondary | {"loss": 1, "lossByForm": by_form}
    assert refused_at(events | {"primaryLoss": 1, "secondaryLoss": both}) == [
        "secondaryLoss.lossByForm"
    ]


FREQUENCY = set(LEVELS["all leaves"]) - {"vulnerabilityScope"}


@pytest.mark.parametrize(
    "missing",
    [set(some) for size in (1, 2, 3, 4) for some in combinations(sorted(FREQUENCY), size)],
    ids=lambda missing: "-".join(sorted(missing)),
)
def test_half_a_level_is_refused(missing: set[str]) -> None:
    """Whatever leaves are missing, one of them, or the node above, is named."""
    wire = {key: value for key, value in LEVELS["all leaves"].items() if key not in missing}
    above = {"vulnerability", "lossEventFrequencyPerYear"}

    (field,) = refused_at(wire | {"primaryLoss": MONEY})

    assert field in missing | above


def test_the_scope_of_an_uncertain_vulnerability_is_said() -> None:
    """It changes the tail, so nobody guesses it; a known number needs none."""
    threats = {"threatEventFrequencyPerYear": 5, "primaryLoss": MONEY}

    assert refused_at(threats | {"vulnerability": PERT}) == ["vulnerabilityScope"]
    assert refused_at(threats | {"threatCapability": PERT, "resistanceStrength": PERT}) == [
        "vulnerabilityScope"
    ]
    assert parsed(threats | {"vulnerability": 0.3}).vulnerability_scope is None


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        ({"threatEventFrequencyPerYear": 5, "vulnerability": 1.5}, "vulnerability"),
        (
            {
                "threatEventFrequencyPerYear": 5,
                "vulnerability": {"distribution": "lognormal", "low": 0.1, "high": 0.5},
                "vulnerabilityScope": "perYear",
            },
            "vulnerability",
        ),
        (
            {
                "contactFrequencyPerYear": 5,
                "probabilityOfAction": {"distribution": "uniform", "low": 0.5, "high": 1.5},
                "vulnerability": 1,
            },
            "probabilityOfAction",
        ),
        (
            {"lossEventFrequencyPerYear": 2, "eventCount": {"model": "bernoulli"}},
            "lossEventFrequencyPerYear",
        ),
        ({"lossEventFrequencyPerYear": -1}, "lossEventFrequencyPerYear"),
        ({"lossEventFrequencyPerYear": 1e7}, "lossEventFrequencyPerYear"),
        ({"lossEventFrequencyPerYear": "often"}, "lossEventFrequencyPerYear"),
        (
            {
                "lossEventFrequencyPerYear": 1,
                "eventCount": {"model": "negativeBinomial", "size": 0},
            },
            "eventCount.size",
        ),
        ({"lossEventFrequencyPerYear": 1, "eventCount": {"model": "geometric"}}, "eventCount"),
        (
            {"lossEventFrequencyPerYear": 1, "secondaryLoss": {"probability": 1.1, "loss": 1}},
            "secondaryLoss.probability",
        ),
    ],
)
def test_what_a_node_cannot_be_is_refused_there(wire: Wire, field: str) -> None:
    """Probabilities beyond 1, frequencies below 0 or out of all measure."""
    assert refused_at({"primaryLoss": MONEY} | wire) == [field]
