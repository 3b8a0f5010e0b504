"""What `prism.compare_controls` says of controls, alone and together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from engines.prism.controls import control_ranking, return_on_investment
from tasks.payload import Payload
from tasks.prism.annual_loss import AnnualLoss, Estimate
from tasks.prism.control import ControlId


class ControlReturn(Payload):
    """What controls save against what they cost, in money a year.

    Every value is an expectation over years and over what is uncertain about the controls, exact
    and not simulated. Every interval holds the middle 95% of what effects and costs may turn out
    to be: the chance of single years is not in it, more trials do not narrow it.
    """

    expected_loss: Estimate
    """The expected annual loss with the controls."""
    reduction: Estimate
    """Of the expected annual loss."""
    cost: Estimate
    """The annual costs and a year's part of the one-off costs."""
    rosi: Estimate | None
    """Return on security investment, (reduction - cost) / cost: 0.5 is 50%. The value is the ratio
    of the expectations. Null where the cost may be nothing."""
    probability_of_paying: float
    """That the reduction of the expected loss is more than the cost."""

    @classmethod
    def of(cls, found: return_on_investment.ReturnOnInvestment) -> Self:
        return cls(
            expected_loss=Estimate.of(found.loss_after),
            reduction=Estimate.of(found.reduction),
            cost=Estimate.of(found.cost),
            rosi=None if found.rosi is None else Estimate.of(found.rosi),
            probability_of_paying=found.probability_of_paying,
        )


class ControlOutcome(Payload):
    """The annual loss under some controls."""

    controls: tuple[ControlId, ...]
    """Which."""
    investment: ControlReturn
    annual_loss: AnnualLoss
    """Simulated, with both the chance of years and what is uncertain about the controls in its
    distribution; its limits are 95% intervals of the simulation."""
    simulated_reduction: Estimate
    """The mean difference between the same years with and without the controls; its interval is
    the simulation's, and far shorter than that of two separate simulations."""


class ScenarioUnderControls(Payload):
    """The expected annual loss of one scenario, exact."""

    scenario: str
    """Its id."""
    before: float
    """Without controls."""
    after: float
    """With all of them."""


class ControlChoice(Payload):
    """Some of the controls, and what they leave."""

    controls: tuple[ControlId, ...]
    """In the order of the request."""
    cost: float
    """Expected, a year."""
    expected_loss: float
    """In a year."""

    @classmethod
    def of(cls, choice: control_ranking.Choice, ids: Sequence[str]) -> Self:
        return cls(
            controls=tuple(ids[k] for k in choice.controls),
            cost=choice.cost,
            expected_loss=choice.loss_after,
        )


class RankedControl(Payload):
    """The next control to buy, judged beside those before it."""

    control: ControlId
    """Its id."""
    marginal_reduction: float
    """Of the expected annual loss, given the controls before it."""
    marginal_rosi: float | None
    """(marginal reduction - cost) / cost; null if it costs nothing."""
    cumulated_cost: float
    """With the controls before it, a year."""
    expected_loss: float
    """With the controls before it, in a year."""
    is_chosen: bool
    """Whether it belongs to the best choice."""


class ControlRanking(Payload):
    """Which controls to buy, by expected loss and cost, with all their interactions."""

    order: tuple[RankedControl, ...]
    """All controls, always the best marginal return next."""
    best: ControlChoice
    """Within the budget, the least expected loss; without one, the least sum of loss and cost."""
    frontier: tuple[ControlChoice, ...]
    """Ascending by cost: what the least loss for the money is."""
    search: Literal["enumeration", "greedy"]
    """Whether every combination was tried, so that there is no better choice, or one control taken
    after the other, because there are too many combinations."""

    @classmethod
    def of(cls, ranking: control_ranking.ControlRanking, ids: Sequence[str]) -> Self:
        return cls(
            order=tuple(
                RankedControl(
                    control=ids[step.control],
                    marginal_reduction=step.marginal_reduction,
                    marginal_rosi=step.marginal_rosi,
                    cumulated_cost=step.cumulated_cost,
                    expected_loss=step.loss_after,
                    is_chosen=step.control in ranking.best.controls,
                )
                for step in ranking.steps
            ),
            best=ControlChoice.of(ranking.best, ids),
            frontier=tuple(ControlChoice.of(choice, ids) for choice in ranking.frontier),
            search=ranking.search.value,
        )
