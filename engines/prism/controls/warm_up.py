"""Compile, or load from disk, all that a comparison of controls runs, before the first job."""

from __future__ import annotations

from engines.prism.controls.comparison import compare_controls
from engines.prism.controls.control import Action, Addition, Control
from engines.prism.distributions import Constant, Distribution, Empirical, Pert
from engines.prism.fair_node import FairNode
from engines.prism.scenario import (
    Contest,
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)
from engines.progress import unreported


def warm_up() -> None:
    """Compare one control over three years."""
    losses: dict[LossForm, Distribution] = {
        LossForm.RESPONSE: Pert(1, 2, 3),
        LossForm.REPLACEMENT: Empirical((1.0, 2.0)),
    }
    scenario = Scenario(
        frequencies={"threatEventFrequencyPerYear": Constant(3.0)},
        vulnerability=Vulnerability(
            of=Contest(threat_capability=Pert(0, 1, 2), resistance_strength=Pert(0, 1, 2)),
            scope=VulnerabilityScope.SCALAR,
        ),
        primary_losses=losses,
        secondary_loss=SecondaryLoss(probability=Constant(0.5), losses=losses),
    )
    raised = Action(
        node=FairNode.RESISTANCE_STRENGTH,
        scenarios=("one",),
        effect=Addition(Constant(0.5)),
    )
    compare_controls(
        {"one": scenario}, {"more": Control(actions=(raised,))},
        budget=None, trials=3, seed=0, progress=unreported,
    )  # fmt: skip
