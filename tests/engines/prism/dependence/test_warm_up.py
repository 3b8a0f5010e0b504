"""After warming up nothing is left to compile."""

from __future__ import annotations

from typing import Any

import pytest

from engines.prism.dependence import count_by_score, loss_by_score, score_draws, scores
from engines.prism.dependence.copulas import (
    Copula,
    Correlation,
    CorrelationMeasure,
    Dependence,
    Dependent,
    FrankCopula,
    GaussianCopula,
    GumbelCopula,
)
from engines.prism.dependence.joint_tables import JointTables, tabulate_jointly
from engines.prism.dependence.joint_years import simulate_jointly
from engines.prism.dependence.warm_up import warm_up
from engines.prism.distributions import Constant, Lognormal
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported

KERNELS: tuple[Any, ...] = (
    scores.correlate,
    scores.score_student_t,
    scores.score_archimedean,
    scores.logarithm,
    score_draws._draw,
    loss_by_score.look_up_losses,
    count_by_score.look_up_counts,
)
ALONE = Correlation(matrix=((1.0,),), measure=CorrelationMeasure.SPEARMAN)


@pytest.mark.parametrize("copula", [GaussianCopula(ALONE), GumbelCopula(3.0), FrankCopula(2.0)])
@pytest.mark.parametrize("of", Dependent)
def test_a_job_finds_every_kernel_compiled(copula: Copula, of: Dependent) -> None:
    """For the types it has: from bytes that travelled, and without what was not asked for."""
    warm_up()
    before = [list(kernel.signatures) for kernel in KERNELS]
    scenario = Scenario(
        frequencies={"lossEventFrequency": Constant(2.0)},
        primary_losses={LossForm.TOTAL: Lognormal.from_interval(1e3, 1e5)},
    )
    joined = Dependence(copula=copula, of=of)
    made = tabulate_jointly(Portfolio(scenarios={"only": scenario}), joined)
    tables = JointTables.from_bytes(made.to_bytes())
    simulate_jointly(tables, seed=1, trials=10_000, blocks=range(3), progress=unreported)

    assert [list(kernel.signatures) for kernel in KERNELS] == before
    assert all(before)
