"""Compile, or load from disk, all that a comparison of controls runs, before the first job."""

from __future__ import annotations

from engines.prism.controls.comparison import compare_controls
from engines.prism.controls.control import Action, Control, Reduction
from engines.prism.distributions import Constant, Distribution, Empirical, Pert
from engines.prism.fair_node import FairNode
from engines.prism.scenario import LossForm, Scenario, SecondaryLoss
from engines.progress import unreported


def warm_up() -> None:
    """Compare one control over three years."""
    losses: dict[LossForm, Distribution] = {
        LossForm.RESPONSE: Pert(1, 2, 3),
        LossForm.REPLACEMENT: Empirical((1.0, 2.0)),
    }
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Constant(3.0)},
        primary_losses=losses,
        secondary_loss=SecondaryLoss(probability=Constant(0.5), losses=losses),
    )
    halve = Action(
        node=FairNode.LOSS_EVENT_FREQUENCY,
        scenarios=("one",),
        effect=Reduction(share=Constant(0.5)),
    )
    compare_controls(
        {"one": scenario}, {"half": Control(actions=(halve,))},
        budget=None, trials=3, seed=0, progress=unreported,
    )  # fmt: skip
