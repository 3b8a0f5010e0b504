"""The nodes of the FAIR tree by name, and the distributions that a scenario was given at them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution
from engines.prism.scenario import Contest, LossForm, Scenario


class FairNode(StrEnum):
    """A node of the tree, named by its path in a scenario of a request.

    Source: The Open Group, Risk Taxonomy (O-RT) 3.0.1 (2021).
    """

    LOSS_EVENT_FREQUENCY = "lossEventFrequencyPerYear"
    THREAT_EVENT_FREQUENCY = "threatEventFrequencyPerYear"
    CONTACT_FREQUENCY = "contactFrequencyPerYear"
    PROBABILITY_OF_ACTION = "probabilityOfAction"
    VULNERABILITY = "vulnerability"
    THREAT_CAPABILITY = "threatCapability"
    RESISTANCE_STRENGTH = "resistanceStrength"
    PRIMARY_LOSS = "primaryLoss"
    PRIMARY_PRODUCTIVITY = "primaryLossByForm.productivity"
    PRIMARY_RESPONSE = "primaryLossByForm.response"
    PRIMARY_REPLACEMENT = "primaryLossByForm.replacement"
    PRIMARY_COMPETITIVE_ADVANTAGE = "primaryLossByForm.competitiveAdvantage"
    PRIMARY_FINES_AND_JUDGEMENTS = "primaryLossByForm.finesAndJudgements"
    PRIMARY_REPUTATION = "primaryLossByForm.reputation"
    SECONDARY_PROBABILITY = "secondaryLoss.probability"
    SECONDARY_LOSS = "secondaryLoss.loss"
    SECONDARY_PRODUCTIVITY = "secondaryLoss.lossByForm.productivity"
    SECONDARY_RESPONSE = "secondaryLoss.lossByForm.response"
    SECONDARY_REPLACEMENT = "secondaryLoss.lossByForm.replacement"
    SECONDARY_COMPETITIVE_ADVANTAGE = "secondaryLoss.lossByForm.competitiveAdvantage"
    SECONDARY_FINES_AND_JUDGEMENTS = "secondaryLoss.lossByForm.finesAndJudgements"
    SECONDARY_REPUTATION = "secondaryLoss.lossByForm.reputation"

    @property
    def words(self) -> str:
        """Its name for people: `fines and judgements (secondary)`."""
        if self is FairNode.SECONDARY_PROBABILITY:
            return "probability of secondary loss"
        if self is FairNode.SECONDARY_LOSS:
            return "secondary loss"
        *above, last = self.removesuffix("PerYear").split(".")
        words = re.sub("([A-Z])", lambda capital: " " + capital[0].lower(), last)
        if not above:
            return words
        return f"{words} ({'secondary' if above[0] == 'secondaryLoss' else 'primary'})"


FREQUENCIES = (
    FairNode.LOSS_EVENT_FREQUENCY,
    FairNode.THREAT_EVENT_FREQUENCY,
    FairNode.CONTACT_FREQUENCY,
    FairNode.PROBABILITY_OF_ACTION,
)
"""What multiplies the rate, the vulnerability apart."""
CONTEST = (FairNode.THREAT_CAPABILITY, FairNode.RESISTANCE_STRENGTH)


def primary_node(form: LossForm) -> FairNode:
    """Give the node of a form of primary loss; of the whole, for `TOTAL`."""
    return (
        FairNode.PRIMARY_LOSS if form is LossForm.TOTAL else FairNode(f"primaryLossByForm.{form}")
    )


def secondary_node(form: LossForm) -> FairNode:
    """Give the node of a form of secondary loss; of the whole, for `TOTAL`."""
    whole = form is LossForm.TOTAL
    return FairNode.SECONDARY_LOSS if whole else FairNode(f"secondaryLoss.lossByForm.{form}")


def leaves_of(scenario: Scenario) -> dict[FairNode, Distribution]:
    """Give the nodes that the scenario was given, in the order of the tree."""
    leaves = {FairNode(name): factor for name, factor in scenario.frequencies.items()}
    if scenario.vulnerability is not None:
        of = scenario.vulnerability.of
        if isinstance(of, Contest):
            leaves[FairNode.THREAT_CAPABILITY] = of.threat_capability
            leaves[FairNode.RESISTANCE_STRENGTH] = of.resistance_strength
        else:
            leaves[FairNode.VULNERABILITY] = of
    for form, loss in scenario.primary_losses.items():
        leaves[primary_node(form)] = loss
    if scenario.secondary_loss is not None:
        leaves[FairNode.SECONDARY_PROBABILITY] = scenario.secondary_loss.probability
        for form, loss in scenario.secondary_loss.losses.items():
            leaves[secondary_node(form)] = loss
    return leaves


def nodes_above(scenario: Scenario) -> set[FairNode]:
    """Give the nodes that the scenario derives from its leaves: they can be scaled, not set."""
    leaves = leaves_of(scenario).keys()
    above = {FairNode.LOSS_EVENT_FREQUENCY, FairNode.PRIMARY_LOSS}
    if scenario.vulnerability is not None:
        above |= {FairNode.THREAT_EVENT_FREQUENCY, FairNode.VULNERABILITY}
    if scenario.secondary_loss is not None:
        above.add(FairNode.SECONDARY_LOSS)
    return above - leaves


def with_leaves(scenario: Scenario, changed: Mapping[FairNode, Distribution]) -> Scenario:
    """Give the scenario with other distributions at some of its leaves.

    Raises `InvalidInput` at the first node that is not a leaf, or whose new distribution is not
    possible there.
    """
    leaves = leaves_of(scenario)
    for node in changed:
        if node not in leaves:
            raise InvalidInput(node, expected=f"one of {', '.join(leaves)}", received=node)
    leaves |= changed
    vulnerability = scenario.vulnerability
    if vulnerability is not None:
        of = leaves.get(FairNode.VULNERABILITY) or Contest(
            threat_capability=leaves[FairNode.THREAT_CAPABILITY],
            resistance_strength=leaves[FairNode.RESISTANCE_STRENGTH],
        )
        vulnerability = replace(vulnerability, of=of)
    secondary = scenario.secondary_loss
    if secondary is not None:
        secondary = replace(
            secondary,
            probability=leaves[FairNode.SECONDARY_PROBABILITY],
            losses={form: leaves[secondary_node(form)] for form in secondary.losses},
        )
    return replace(
        scenario,
        frequencies={name: leaves[FairNode(name)] for name in scenario.frequencies},
        vulnerability=vulnerability,
        primary_losses={form: leaves[primary_node(form)] for form in scenario.primary_losses},
        secondary_loss=secondary,
    )
