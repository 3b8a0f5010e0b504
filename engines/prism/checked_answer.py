"""The exact annual loss, held against a short simulation."""

from __future__ import annotations

from engines.prism.analytic import AggregateLoss, aggregate_loss
from engines.prism.cross_check import (
    CHECK_TRIALS,
    Agreement,
    check_agreement,
    losses_to_compare,
)
from engines.prism.monte_carlo.simulation import MAX_DRAWS, block_count, simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.portfolio import Portfolio
from engines.progress import Progress

_MOST_DRAWS = MAX_DRAWS // 1000
"""Random numbers in a check: where years have many events, it has fewer years."""
_FEWEST_TRIALS = 1000


def checked_aggregate_loss(
    portfolio: Portfolio, *, seed: int, progress: Progress
) -> tuple[AggregateLoss, Agreement]:
    """Give the exact annual loss. Raises `EnginesDisagree` if simulated years contradict it."""
    loss = aggregate_loss(portfolio, progress=progress)
    losses = losses_to_compare(loss.gross)
    tables = tabulate(Portfolio(scenarios=portfolio.scenarios), amounts=losses)
    affordable = int(_MOST_DRAWS / max(tables.draws_a_year, 1.0))
    trials = max(_FEWEST_TRIALS, min(CHECK_TRIALS, affordable))
    years = simulate(
        tables, seed=seed, trials=trials, blocks=range(block_count(trials)), progress=progress
    )
    return loss, check_agreement(loss.gross, losses, years.gross.above, trials)
