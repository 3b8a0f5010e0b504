"""The exact annual loss of a portfolio of independent scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.analytic.amount import Amount, Ceded, Leaf, Retained
from engines.prism.analytic.compound import Compound, Event
from engines.prism.analytic.contributions import Contribution, contributions
from engines.prism.analytic.event_cost import event_cost
from engines.prism.analytic.exact_loss import ExactLoss
from engines.prism.analytic.ladder import Ladder
from engines.prism.analytic.largest_event import LargestEvent
from engines.prism.analytic.second_moment import ceded_square, retained_square
from engines.prism.analytic.share_of_loss import ShareOfLoss, ceded_share, retained_share
from engines.prism.annual_loss_answers import Estimate
from engines.prism.event_count import event_count
from engines.prism.insurance import EVERYTHING, Insurance, Layer
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel, LossForm, Scenario
from engines.progress import Progress, unreported

MAX_SCENARIOS: Final = 1000
"""Each takes one more transform per lattice, a few milliseconds in all."""


class AggregateLoss:
    """What a year costs, before insurance, and what insurance pays and leaves.

    Distributions are computed when they are first asked for.
    """

    def __init__(
        self,
        years: Mapping[str, Compound],
        squares: Mapping[str, float],
        insurance: Insurance | None,
        progress: Progress,
    ) -> None:
        self.years = years
        self._squares = squares
        self._insurance = insurance
        self._progress = progress

    @cached_property
    def gross(self) -> ExactLoss:
        """The annual loss before insurance."""
        variance = math.fsum(
            _variance(year, year.event.mean, self._squares[name])
            for name, year in self.years.items()
        )
        return ExactLoss(Ladder([*self.years.values()], self._progress), variance)

    @cached_property
    def ceded(self) -> ExactLoss | ShareOfLoss | None:
        """What the policy pays; `None` without one."""
        policy = self._insurance
        if policy is None:
            return None
        covered = self.gross
        if policy.looks_at_events:
            covered = self._event_by_event(policy.per_occurrence, Ceded, ceded_square)
        if policy.annual_aggregate == EVERYTHING:
            return covered
        return ceded_share(covered, policy.annual_aggregate)

    @cached_property
    def net(self) -> ExactLoss | ShareOfLoss | None:
        """What the policy leaves; `None` without one.

        Raises `InvalidInput` where the policy has a layer per occurrence and one for the year: the
        net loss is then no function of one sum, and must be simulated. `net_mean` is known still.
        """
        policy = self._insurance
        if policy is None:
            return None
        if not policy.looks_at_events:
            return retained_share(self.gross, policy.annual_aggregate)
        if policy.annual_aggregate != EVERYTHING:
            raise InvalidInput(
                "insurance",
                expected="a layer per occurrence or one for the year where the net loss is to be "
                "computed without simulation",
                received="both",
            )
        return self._event_by_event(policy.per_occurrence, Retained, retained_square)

    @property
    def net_mean(self) -> Estimate | None:
        """The expected net loss, whatever the policy is like; `None` without one."""
        if self.ceded is None:
            return None
        value = self.gross.mean().value - self.ceded.mean().value
        return Estimate(value, value, value)

    @cached_property
    def largest_event(self) -> LargestEvent:
        """The largest single loss event of a year, before insurance."""
        return LargestEvent(
            [
                (year.count, event_cost(year.event), self._squares[name])
                for name, year in self.years.items()
            ]
        )

    def contributions(self, percent: float) -> tuple[Contribution, ...]:
        """Give what each loss form of each scenario adds to the gross tail value at risk."""
        u = percent / 100
        tail_mean = float(self.gross.tail_mean(np.array([u]))[0])
        level = self.gross.ladder.level_of(u)
        return contributions(self.years, level, u, tail_mean, self._progress)

    def _event_by_event(
        self,
        layer: Layer,
        part_of: Callable[[Amount, Layer], Amount],
        square_of: Callable[[Amount, Layer, float], float],
    ) -> ExactLoss:
        years, variance = [], 0.0
        for name, year in self.years.items():
            cost = event_cost(year.event)
            part = part_of(cost, layer)
            square = square_of(cost, layer, self._squares[name])
            variance += _variance(year, part.mean, square)
            years.append(Compound(year.count, Event({LossForm.TOTAL: part}, {}, 0.0)))
        return ExactLoss(Ladder(years, self._progress), variance)


def aggregate_loss(portfolio: Portfolio, *, progress: Progress = unreported) -> AggregateLoss:
    """Give the exact annual loss of independent scenarios.

    Raises `InvalidInput` for product-form scenarios, and for more than `MAX_SCENARIOS`; so do its
    answers if a lattice would need too many points.
    """
    if not 1 <= len(portfolio.scenarios) <= MAX_SCENARIOS:
        raise InvalidInput(
            "scenarios", expected=f"1 to {MAX_SCENARIOS}", received=len(portfolio.scenarios)
        )
    years, squares = {}, {}
    for k, (name, scenario) in enumerate(portfolio.scenarios.items()):
        progress(k / len(portfolio.scenarios), "counting events")
        if scenario.annual_loss is not AnnualLossModel.COMPOUND:
            raise InvalidInput(
                f"scenarios.{name}.annualLoss",
                expected=f"{AnnualLossModel.COMPOUND}: only then a year is a sum over events",
                received=scenario.annual_loss,
            )
        years[name] = _compound(scenario)
        mean = scenario.mean_loss_per_event
        squares[name] = scenario.variance_of_loss_per_event + mean**2
    return AggregateLoss(years, squares, portfolio.insurance, progress)


def _compound(scenario: Scenario) -> Compound:
    primary = {form: Leaf(loss) for form, loss in scenario.primary_losses.items()}
    secondary: dict[LossForm, Amount] = {}
    probability = 0.0
    if scenario.secondary_loss is not None and scenario.secondary_loss.probability.mean > 0:
        probability = scenario.secondary_loss.probability.mean
        secondary = {form: Leaf(loss) for form, loss in scenario.secondary_loss.losses.items()}
    return Compound(event_count(scenario), Event(primary, secondary, probability))


def _variance(year: Compound, mean: float, square: float) -> float:
    """Give the variance of a compound sum, from an event's mean and mean square.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 9.3: E N Var X
    + Var N (E X)^2.
    """
    if year.count.mean == 0:
        return 0.0
    return year.count.mean * square + (year.count.variance - year.count.mean) * mean**2
