"""Compile, or load from disk, all that a simulation runs, before the first job comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from engines.prism.distributions import Constant, Distribution, Empirical, Pert
from engines.prism.insurance import Insurance, Layer
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.monte_carlo.tally import LossCounter
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel, LossForm, Scenario, SecondaryLoss
from engines.progress import unreported

_LOSSES: Final[Mapping[LossForm, Distribution]] = {
    LossForm.RESPONSE: Pert(1, 2, 3),
    LossForm.REPLACEMENT: Empirical((1.0, 2.0)),
    LossForm.REPUTATION: Constant(1.0),
}


def warm_up() -> None:
    """Simulate three years, so that every compiled function is there: a second from disk.

    A compiled function takes all ways through it with it, so one simulation does, and its mean.
    """
    scenario = Scenario(
        frequencies={"lossEventFrequency": Constant(1.0)},
        primary_losses=_LOSSES,
        secondary_loss=SecondaryLoss(probability=Constant(0.5), losses=_LOSSES),
        annual_loss=AnnualLossModel.COMPOUND,
    )
    portfolio = Portfolio(
        scenarios={"warm": scenario},
        insurance=Insurance(annual_aggregate=Layer(deductible=1.0, limit=1.0)),
    )
    tables = tabulate(portfolio, amounts=(1.0,), contributions=True)
    years = simulate(tables, seed=0, trials=3, blocks=range(1), progress=unreported)
    SimulatedLoss(years.gross).mean()
    LossCounter((1.0,)).add(np.ones(3))
