"""Compile, or load from disk, all that a ranking of drivers runs, before the first job."""

from __future__ import annotations

from engines.prism.distributions import Lognormal, Pert
from engines.prism.drivers.scenario_comparison import compare_scenarios
from engines.prism.drivers.tail_drivers import tail_drivers
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported


def warm_up() -> None:
    """Rank the two estimates of one scenario; imports scipy.stats as well."""
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Pert(0.1, 0.5, 2)},
        primary_losses={LossForm.TOTAL: Lognormal.from_interval(1, 10)},
    )
    tail_drivers({"one": scenario}, percent=95, seed=0, progress=unreported)
    compare_scenarios({"one": scenario}, seed=0, progress=unreported)
