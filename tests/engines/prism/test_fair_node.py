"""Nodes by name, and scenarios with other leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engines.errors import InvalidInput
from engines.prism.distributions import Constant, Pert, Uniform
from engines.prism.fair_node import FairNode, leaves_of, nodes_above, with_leaves
from engines.prism.scenario import (
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)
from tests.engines.prism.controls.portfolios import FULL

FLAT = Scenario(
    frequencies={"threatEventFrequencyPerYear": Uniform(0, 3)},
    vulnerability=Vulnerability(of=Uniform(0, 1), scope=VulnerabilityScope.PER_YEAR),
    primary_losses={LossForm.TOTAL: Constant(5)},
    secondary_loss=SecondaryLoss(
        probability=Constant(0.1), losses={LossForm.REPUTATION: Constant(7)}
    ),
)


def test_leaves_are_what_was_given() -> None:
    """In the order of the tree, under the names of the request."""
    assert list(leaves_of(FLAT)) == [
        "threatEventFrequencyPerYear",
        "vulnerability",
        "primaryLoss",
        "secondaryLoss.probability",
        "secondaryLoss.lossByForm.reputation",
    ]
    assert list(leaves_of(FULL)) == [
        "contactFrequencyPerYear",
        "probabilityOfAction",
        "threatCapability",
        "resistanceStrength",
        "primaryLossByForm.productivity",
        "primaryLossByForm.response",
        "secondaryLoss.probability",
        "secondaryLoss.loss",
    ]


def test_what_lies_above_the_leaves() -> None:
    """Is derived from them."""
    assert nodes_above(FLAT) == {"lossEventFrequencyPerYear", "secondaryLoss.loss"}
    assert nodes_above(FULL) == {
        "lossEventFrequencyPerYear",
        "threatEventFrequencyPerYear",
        "vulnerability",
        "primaryLoss",
    }


@pytest.mark.parametrize("scenario", [FLAT, FULL], ids=["flat", "full"])
def test_every_leaf_can_be_replaced_by_itself(scenario: Scenario) -> None:
    """And nothing else changes when one is replaced by another."""
    leaves = leaves_of(scenario)

    assert with_leaves(scenario, leaves) == scenario
    for node in leaves:
        changed = leaves_of(with_leaves(scenario, {node: Constant(0.5)}))
        assert changed == leaves | {node: Constant(0.5)}


def test_only_leaves_can_be_replaced() -> None:
    """By the name of the node, with those that can."""
    with pytest.raises(InvalidInput, match="one of threatEventFrequencyPerYear") as refusal:
        with_leaves(FLAT, {FairNode.PRIMARY_RESPONSE: Constant(1)})
    assert refusal.value.field == "primaryLossByForm.response"


def test_an_impossible_leaf_is_refused() -> None:
    """By the scenario's own checks."""
    with pytest.raises(InvalidInput, match="probability"):
        with_leaves(FLAT, {FairNode.VULNERABILITY: Pert(0, 1, 2)})
    with pytest.raises(InvalidInput, match="probability"):
        with_leaves(replace(FULL), {FairNode.PROBABILITY_OF_ACTION: Constant(1.5)})


def test_nodes_have_names_for_people() -> None:
    """For pictures and reports; no two have the same."""
    assert FairNode.LOSS_EVENT_FREQUENCY.words == "loss event frequency"
    assert FairNode.SECONDARY_FINES_AND_JUDGEMENTS.words == "fines and judgements (secondary)"
    assert FairNode.PRIMARY_RESPONSE.words == "response (primary)"
    assert FairNode.SECONDARY_PROBABILITY.words == "probability of secondary loss"
    assert len({node.words for node in FairNode}) == len(FairNode)
