"""Every task the fleet knows. A task that is not here does not exist."""

from __future__ import annotations

from tasks.declaration import Declaration
from tasks.fleet.echo import echo
from tasks.fleet.list_schedules import list_schedules
from tasks.fleet.pause_schedule import pause_schedule
from tasks.fleet.put_schedule import put_schedule
from tasks.fleet.remove_schedule import remove_schedule
from tasks.fleet.resume_schedule import resume_schedule
from tasks.fleet.show_schedule import show_schedule
from tasks.prism.analyse_correlation import analyse_correlation
from tasks.prism.backtest_value_at_risk import backtest_value_at_risk
from tasks.prism.compare_controls import compare_controls
from tasks.prism.fit_distribution import fit_distribution
from tasks.prism.measure_value_at_risk import measure_value_at_risk
from tasks.prism.project_financial_impact import project_financial_impact
from tasks.prism.rank_drivers import rank_drivers
from tasks.prism.simulate_portfolio import simulate_portfolio
from tasks.prism.simulate_scenario import simulate_scenario

CATALOGUE: tuple[Declaration, ...] = (
    analyse_correlation,
    backtest_value_at_risk,
    compare_controls,
    echo,
    fit_distribution,
    list_schedules,
    measure_value_at_risk,
    pause_schedule,
    project_financial_impact,
    put_schedule,
    rank_drivers,
    remove_schedule,
    resume_schedule,
    show_schedule,
    simulate_portfolio,
    simulate_scenario,
)


def by_name() -> dict[str, Declaration]:
    """Give the catalogue as name -> declaration."""
    return {declaration.name: declaration for declaration in CATALOGUE}
