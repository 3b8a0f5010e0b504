"""After warming up, no job waits for a compiler."""

from __future__ import annotations

from typing import Any

from numba.core import event

from engines.prism.distributions import Constant, Lognormal, Pert
from engines.prism.insurance import Insurance, Layer
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.simulation import simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel, LossForm, Scenario, SecondaryLoss
from engines.progress import unreported


class Compilations(event.Listener):
    """Counts what is compiled."""

    def __init__(self) -> None:
        self.count = 0

    def on_start(self, event: Any) -> None:
        self.count += 1

    def on_end(self, event: Any) -> None:
        pass


def test_nothing_is_compiled_for_a_job() -> None:
    """Whatever its years are like and whatever is asked of them."""
    compilations = Compilations()
    with event.install_listener("numba:compile", compilations):
        for model in AnnualLossModel:
            scenario = Scenario(
                frequencies={"lossEventFrequency": Pert(0, 2, 5)},
                primary_losses={LossForm.TOTAL: Lognormal(0, 1)},
                secondary_loss=SecondaryLoss(
                    probability=Constant(0.2), losses={LossForm.TOTAL: Constant(1)}
                ),
                annual_loss=model,
            )
            for layer in (None, Insurance(annual_aggregate=Layer(limit=3))):
                portfolio = Portfolio(scenarios={"a": scenario, "b": scenario}, insurance=layer)
                by_event = model is AnnualLossModel.COMPOUND
                for asked in (False, True):
                    tables = tabulate(
                        portfolio,
                        amounts=(1.0, 2.0) if asked else (),
                        largest_event=asked and by_event,
                        contributions=asked,
                    )
                    years = simulate(
                        tables, seed=1, trials=5000, blocks=range(1), progress=unreported
                    )
                    SimulatedLoss(years.gross).mean()

    assert compilations.count == 0
