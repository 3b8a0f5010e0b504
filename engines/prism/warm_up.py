"""Compile, or load from disk, all that the engines run, before the first job comes."""

from __future__ import annotations

from engines.prism.checked_answer import checked_aggregate_loss
from engines.prism.dependence.copulas import Dependence, Dependent, GumbelCopula
from engines.prism.dependence.joint_tables import tabulate_jointly
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.distributions import Lognormal, Pert
from engines.prism.monte_carlo.warm_up import warm_up as warm_up_monte_carlo
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported


def warm_up() -> None:
    """Answer small questions with every engine: most of a second when all is on disk."""
    warm_up_monte_carlo()
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Pert(0.1, 0.5, 2)},
        primary_losses={LossForm.TOTAL: Lognormal.from_interval(1, 10)},
    )
    checked_aggregate_loss(Portfolio(scenarios={"one": scenario}), seed=0, progress=unreported)
    for of in Dependent:
        tables = tabulate_jointly(
            Portfolio(scenarios={"one": scenario, "two": scenario}),
            Dependence(copula=GumbelCopula(1.5), of=of),
        )
        simulate_jointly(tables, seed=0, trials=1, blocks=range(1), progress=unreported)
