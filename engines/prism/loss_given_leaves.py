"""What a scenario is expected to cost in a year when the values of some of its leaves are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from engines.prism.distributions import Floats
from engines.prism.fair_node import CONTEST, FairNode, leaves_of, primary_node, secondary_node
from engines.prism.scenario import Contest, Scenario
from engines.prism.vulnerability import probability


def expected_loss_given(scenario: Scenario, known: Mapping[FairNode, Floats]) -> Floats:
    """Give the expected annual loss for each set of values of the known leaves.

    The values of a leaf are an array; all of one length, or of length one. The other leaves are
    integrated out, each by itself, which is exact: E N x E loss (Wald's identity), and a product
    of independent factors has the product of their means. With every leaf known it is the year's
    loss in the product form of FAIR: frequency times vulnerability times magnitude.
    """
    leaves = leaves_of(scenario)

    def value(node: FairNode) -> Floats:
        return known[node] if node in known else np.array([leaves[node].mean])

    loss = _sum(value(primary_node(form)) for form in scenario.primary_losses)
    if scenario.secondary_loss is not None:
        secondary = _sum(value(secondary_node(form)) for form in scenario.secondary_loss.losses)
        loss = loss + value(FairNode.SECONDARY_PROBABILITY) * secondary
    loss = loss * _success(scenario, known)
    for name in scenario.frequencies:
        loss = loss * value(FairNode(name))
    return loss


def _success(scenario: Scenario, known: Mapping[FairNode, Floats]) -> Floats:
    """Give the probability that a threat event becomes a loss event."""
    if scenario.vulnerability is None:
        return np.ones(1)
    of = scenario.vulnerability.of
    if not isinstance(of, Contest):
        return known.get(FairNode.VULNERABILITY, np.array([of.mean]))
    capability, resistance = (known.get(node) for node in CONTEST)
    if capability is not None and resistance is not None:
        return np.where(capability > resistance, 1.0, 0.0)
    if capability is not None:
        return of.resistance_strength.cdf(np.nextafter(capability, -np.inf))
    if resistance is not None:
        return of.threat_capability.survival(resistance)
    return np.array([probability(scenario.vulnerability)])


def _sum(terms: Iterable[Floats]) -> Floats:
    total = np.zeros(1)
    for term in terms:
        total = total + term
    return total
