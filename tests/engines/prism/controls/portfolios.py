"""Scenarios and controls that the tests of this folder share."""

from __future__ import annotations

from engines.prism.controls.control import Action, Addition, Control, Effect, Reduction, Replacement
from engines.prism.distributions import Constant, Distribution, Lognormal, Pert, Uniform
from engines.prism.fair_node import FairNode
from engines.prism.scenario import (
    Contest,
    CountModel,
    LossForm,
    PoissonCount,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)


def simple(
    *, frequency: Distribution, loss: Distribution, count: CountModel | None = None
) -> Scenario:
    """A scenario of one frequency and one loss."""
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": frequency},
        primary_losses={LossForm.TOTAL: loss},
        count=count or PoissonCount(),
    )


def contested(
    capability: Distribution,
    resistance: Distribution,
    scope: VulnerabilityScope = VulnerabilityScope.PER_EVENT,
) -> Scenario:
    """Ten threat events a year, each of 100 where capability exceeds resistance."""
    return Scenario(
        frequencies={"threatEventFrequencyPerYear": Constant(10)},
        vulnerability=Vulnerability(
            of=Contest(threat_capability=capability, resistance_strength=resistance), scope=scope
        ),
        primary_losses={LossForm.TOTAL: Constant(100)},
    )


FULL = Scenario(
    frequencies={
        "contactFrequencyPerYear": Pert(1, 4, 10),
        "probabilityOfAction": Pert(0.1, 0.4, 0.8),
    },
    vulnerability=Vulnerability(
        of=Contest(
            threat_capability=Pert(0.2, 0.6, 0.95), resistance_strength=Pert(0.3, 0.65, 0.9)
        ),
        scope=VulnerabilityScope.PER_EVENT,
    ),
    primary_losses={
        LossForm.PRODUCTIVITY: Pert(1e4, 5e4, 3e5),
        LossForm.RESPONSE: Lognormal.from_interval(2e4, 2e5),
    },
    secondary_loss=SecondaryLoss(
        probability=Constant(0.25), losses={LossForm.TOTAL: Lognormal.from_interval(1e5, 9e5)}
    ),
)


def control(
    node: FairNode,
    effect: Effect,
    *,
    cost: float = 1000.0,
    scenarios: tuple[str, ...] = ("only",),
) -> Control:
    """A control of one action and a certain cost."""
    action = Action(node=node, scenarios=scenarios, effect=effect)
    return Control(actions=(action,), annual_cost=Constant(cost))


def reduces(node: FairNode, share: float, **rest: float) -> Control:
    """A control that takes a certain share off a node."""
    return control(node, Reduction(share=Constant(share)), **rest)


CONTROLS = (
    control(FairNode.RESISTANCE_STRENGTH, Addition(Pert(0.02, 0.1, 0.2)), cost=5e4),
    control(FairNode.PROBABILITY_OF_ACTION, Reduction(share=Uniform(0.1, 0.5)), cost=4e4),
    control(FairNode.PRIMARY_RESPONSE, Replacement(Lognormal.from_interval(1e4, 5e4)), cost=1e4),
    control(
        FairNode.SECONDARY_LOSS,
        Reduction(share=Pert(0.1, 0.3, 0.5), reliability=Constant(0.9)),
        cost=2e4,
    ),
)
