"""The exact annual loss of a portfolio of independent scenarios."""

from __future__ import annotations

from dataclasses import dataclass

from engines.errors import InvalidInput
from engines.prism.analytic.amount import Leaf
from engines.prism.analytic.compound import Compound, Event
from engines.prism.analytic.exact_loss import ExactLoss
from engines.prism.analytic.ladder import Ladder
from engines.prism.event_count import event_count
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel, Scenario
from engines.progress import Progress, unreported

MAX_SCENARIOS = 1000


@dataclass(frozen=True)
class AggregateLoss:
    """What a portfolio's year costs."""

    gross: ExactLoss


def aggregate_loss(portfolio: Portfolio, *, progress: Progress = unreported) -> AggregateLoss:
    """Give the exact annual loss. Raises `InvalidInput` for what only a simulation can answer."""
    years = []
    variance = 0.0
    for k, (name, scenario) in enumerate(portfolio.scenarios.items()):
        progress(0.5 * k / len(portfolio.scenarios), "counting events")
        if scenario.annual_loss is not AnnualLossModel.COMPOUND:
            raise InvalidInput(
                f"scenarios.{name}.annualLoss", expected="compound", received=scenario.annual_loss
            )
        year = compound(scenario)
        years.append(year)
        per_event = scenario.variance_of_loss_per_event
        count = year.count
        if count.mean > 0:
            variance += count.mean * per_event + count.variance * scenario.mean_loss_per_event**2
    return AggregateLoss(ExactLoss(Ladder(years, progress), variance))


def compound(scenario: Scenario) -> Compound:
    """Give a scenario's year as the lattice sees it."""
    primary = {form: Leaf(loss) for form, loss in scenario.primary_losses.items()}
    secondary, probability = {}, 0.0
    if scenario.secondary_loss is not None and scenario.secondary_loss.probability.mean > 0:
        probability = scenario.secondary_loss.probability.mean
        secondary = {form: Leaf(loss) for form, loss in scenario.secondary_loss.losses.items()}
    return Compound(event_count(scenario), Event(primary, secondary, probability))
