"""A scenario after controls, and what it is expected to cost in a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engines.prism.controls.contest_after import contest_after
from engines.prism.controls.control import Addition, Control, Reduction, Replacement
from engines.prism.controls.effect_draws import Effects
from engines.prism.distributions import Distribution, Floats
from engines.prism.fair_node import (
    CONTEST,
    FREQUENCIES,
    FairNode,
    primary_node,
    secondary_node,
    with_leaves,
)
from engines.prism.scenario import Contest, Scenario

ONE = np.ones(1)


@dataclass(frozen=True, kw_only=True)
class ChangedScenario:
    """A scenario with some leaves replaced and some nodes scaled, by draw of the effects."""

    scenario: Scenario
    """With its leaves replaced."""
    factors: Mapping[FairNode, Floats]
    """What each node is multiplied by, for each draw; a node that is not here, by one."""
    vulnerability: Floats
    """For each draw, the probability that a threat event becomes a loss event, before the factor
    on it; one if the scenario knows loss events only."""

    @property
    def rate_factor(self) -> Floats:
        """What the rate of loss events is multiplied by, beside a changed contest."""
        return self._product((*FREQUENCIES, FairNode.VULNERABILITY))

    @property
    def primary_factors(self) -> tuple[Floats, ...]:
        """What each primary loss is multiplied by, in the scenario's order."""
        return tuple(
            self._product({FairNode.PRIMARY_LOSS, primary_node(form)})
            for form in self.scenario.primary_losses
        )

    @property
    def secondary_factors(self) -> tuple[Floats, ...]:
        """What each secondary loss is multiplied by, in the scenario's order."""
        secondary = self.scenario.secondary_loss
        return tuple(
            self._product({FairNode.SECONDARY_LOSS, secondary_node(form)})
            for form in (() if secondary is None else secondary.losses)
        )

    @property
    def secondary_probability(self) -> Floats:
        """The probability that a loss event has a secondary loss, for each draw."""
        secondary = self.scenario.secondary_loss
        mean = 0.0 if secondary is None else secondary.probability.mean
        return mean * self.secondary_probability_factor

    @property
    def secondary_probability_factor(self) -> Floats:
        """What the probability of a secondary loss is multiplied by."""
        return self.factors.get(FairNode.SECONDARY_PROBABILITY, ONE)

    @cached_property
    def expected_annual_loss(self) -> Floats:
        """The mean annual loss, given the effects, for each draw of them.

        E N x E loss, by Wald's identity, with E N the product of the means of independent factors:
        exact, but for a changed contest (see `contest_after`).
        """
        loss = _weighted(self.scenario.primary_losses.values(), self.primary_factors)
        if self.scenario.secondary_loss is not None:
            losses = self.scenario.secondary_loss.losses.values()
            loss = loss + self.secondary_probability * _weighted(losses, self.secondary_factors)
        rate = np.prod([factor.mean for factor in self.scenario.frequencies.values()])
        return np.asarray(rate * self.rate_factor * self.vulnerability * loss)

    def _product(self, nodes: Iterable[FairNode]) -> Floats:
        product = ONE
        for node in nodes:
            product = product * self.factors.get(node, ONE)
        return product


def changed_scenario(
    scenario: Scenario,
    controls: Sequence[Control],
    actions: Iterable[tuple[int, int]],
    effects: Effects,
) -> ChangedScenario:
    """Do the actions, given as (control, action), in their order.

    Reductions of one node multiply; a replacement undoes what was done to its leaf before.
    """
    replaced: dict[FairNode, Distribution] = {}
    factors: dict[FairNode, Floats] = {}
    shifts: dict[FairNode, Floats] = {}
    for k, j in actions:
        action = controls[k].actions[j]
        node, effect = action.node, action.effect
        if isinstance(effect, Replacement):
            replaced[node] = effect.by
            factors.pop(node, None)
            shifts.pop(node, None)
        elif isinstance(effect, Reduction):
            left = 1 - effects.of[k, j]
            factors[node] = factors.get(node, ONE) * left
            if node in shifts:
                shifts[node] = shifts[node] * left
        elif isinstance(effect, Addition):
            shifts[node] = shifts.get(node, 0.0) + effects.of[k, j]
    changed = with_leaves(scenario, replaced)
    vulnerability = ONE
    if changed.vulnerability is not None:
        of = changed.vulnerability.of
        if isinstance(of, Contest):
            maps = [(factors.pop(node, ONE), shifts.get(node, 0.0 * ONE)) for node in CONTEST]
            vulnerability = contest_after(of, capability=maps[0], resistance=maps[1])
        else:
            vulnerability = of.mean * ONE
    return ChangedScenario(scenario=changed, factors=factors, vulnerability=vulnerability)


def _weighted(losses: Iterable[Distribution], factors: Iterable[Floats]) -> Floats:
    total = 0.0 * ONE
    for loss, factor in zip(losses, factors, strict=True):
        total = total + loss.mean * factor
    return total
