"""Compile, or load from disk, all that the engines run, before the first job comes."""

from __future__ import annotations

from engines.prism.checked_answer import checked_aggregate_loss
from engines.prism.dependence.warm_up import warm_up as warm_up_dependence
from engines.prism.distributions import Lognormal, Pert
from engines.prism.monte_carlo.warm_up import warm_up as warm_up_monte_carlo
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported


def warm_up() -> None:
    """Answer small questions with every engine: a part of a second when all is on disk."""
    warm_up_monte_carlo()
    warm_up_dependence()
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Pert(0.1, 0.5, 2)},
        primary_losses={LossForm.TOTAL: Lognormal.from_interval(1, 10)},
    )
    checked_aggregate_loss(Portfolio(scenarios={"one": scenario}), seed=0, progress=unreported)
