"""Compile, or load from disk, all that dependent scenarios run, before the first job comes."""

from __future__ import annotations

from engines.prism.dependence.copulas import (
    ClaytonCopula,
    Copula,
    Correlation,
    CorrelationMeasure,
    Dependence,
    Dependent,
    FrankCopula,
    GumbelCopula,
    StudentTCopula,
)
from engines.prism.dependence.joint_tables import tabulate_jointly
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.distributions import Constant, Pert
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported


def warm_up() -> None:
    """Simulate three years of every kind: what the copulas share is compiled once."""
    scenario = Scenario(
        frequencies={"lossEventFrequency": Constant(1.0)},
        primary_losses={LossForm.TOTAL: Pert(1, 2, 3)},
    )
    portfolio = Portfolio(scenarios={"one": scenario, "other": scenario})
    alone = Correlation(matrix=((1.0, 0.0), (0.0, 1.0)), measure=CorrelationMeasure.PEARSON)
    t = StudentTCopula(correlation=alone, degrees_of_freedom=4.0)
    copulas: tuple[Copula, ...] = (t, ClaytonCopula(1.0), GumbelCopula(2.0), FrankCopula(1.0))
    for copula in copulas:
        for of in Dependent:
            joined = Dependence(copula=copula, of=of)
            tables = tabulate_jointly(portfolio, joined, amounts=(1.0,), contributions=True)
            simulate_jointly(tables, seed=0, trials=3, blocks=range(1), progress=unreported)
