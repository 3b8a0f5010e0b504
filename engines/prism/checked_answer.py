"""The exact annual loss, held against a short simulation."""

from __future__ import annotations

from engines.prism.analytic import AggregateLoss, aggregate_loss
from engines.prism.annual_loss_answers import AnnualLossAnswers
from engines.prism.cross_check import (
    CHECK_TRIALS,
    Agreement,
    check_agreement,
    losses_to_compare,
)
from engines.prism.monte_carlo.simulation import MAX_DRAWS, block_count, simulate
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.monte_carlo.tally import LossTally
from engines.prism.portfolio import Portfolio
from engines.progress import Progress, parts

_MOST_DRAWS = MAX_DRAWS // 1000
"""Random numbers in a check: where years have many events, it has fewer years."""
_FEWEST_TRIALS = 1000


def checked_aggregate_loss(
    portfolio: Portfolio, *, largest_event: bool = False, seed: int, progress: Progress
) -> tuple[AggregateLoss, Agreement]:
    """Give the exact annual loss, and how what is asked of it compares with simulated years.

    Raises `EnginesDisagree` if they contradict it: gross, ceded, net or the largest event.
    """
    exact, simulated = parts(progress, 0.0, 1.0, count=2)
    loss = aggregate_loss(portfolio, progress=exact)
    answers: list[AnnualLossAnswers | None] = [loss.gross, loss.ceded, loss.net]
    answers.append(loss.largest_event if largest_event else None)
    losses = [() if each is None else losses_to_compare(each) for each in answers]
    amounts = sorted({amount for each in losses for amount in each})
    tables = tabulate(portfolio, amounts=amounts, largest_event=largest_event)
    affordable = int(_MOST_DRAWS / max(tables.draws_a_year, 1.0))
    trials = max(_FEWEST_TRIALS, min(CHECK_TRIALS, affordable))
    blocks = range(block_count(trials))
    years = simulate(tables, seed=seed, trials=trials, blocks=blocks, progress=simulated)
    tallies = (years.gross, years.ceded, years.net, years.largest_event)
    agreements = [
        check_agreement(answer, at, _years_above(tally, at), trials)
        for answer, at, tally in zip(answers, losses, tallies, strict=True)
        if answer is not None and tally is not None
    ]
    return loss, Agreement(
        trials=trials,
        compared=sum(each.compared for each in agreements),
        largest_deviation=max(each.largest_deviation for each in agreements),
    )


def _years_above(tally: LossTally, amounts: tuple[float, ...]) -> tuple[int, ...]:
    above = dict(zip(tally.thresholds, tally.above, strict=True))
    return tuple(above[amount] for amount in amounts)
