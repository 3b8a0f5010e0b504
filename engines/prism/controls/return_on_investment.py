"""What controls save against what they cost, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from engines.prism.annual_loss_answers import Estimate
from engines.prism.controls.control import Control
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.distributions import Floats


@dataclass(frozen=True, kw_only=True)
class ReturnOnInvestment:
    """A choice of controls, in money a year.

    Every value is an expectation over years and over what is uncertain about the controls. Every
    interval holds the middle 95% of the latter alone: of expected losses, given effects and costs.
    """

    loss_after: Estimate
    reduction: Estimate
    """Of the expected annual loss."""
    cost: Estimate
    rosi: Estimate | None
    """(reduction - cost) / cost; `None` where the cost may be nothing.

    Source: Sonnenreich, Albanese and Stout, Journal of Research and Practice in Information
    Technology 38(1) (2006), "Return on security investment (ROSI)"; ENISA, Introduction to Return
    on Security Investment (2012). The value is the ratio of the expectations, not the expectation
    of the ratio.
    """
    probability_of_paying: float
    """That the reduction is more than the cost."""


def return_on_investment(
    chosen: Collection[int],
    *,
    controls: Sequence[Control],
    mean: ExpectedLoss,
    before: Floats,
    drawn: ExpectedLoss,
    costs: Floats,
) -> ReturnOnInvestment:
    """Judge the chosen controls, by number.

    `mean` and `drawn` are the same scenarios and controls, with expected and with drawn effects;
    `before` is what `drawn` gives without controls, `costs` the drawn costs of each control (rows).
    """
    after = mean.mean(chosen)
    saved = mean.mean(()) - after
    cost = sum(controls[k].mean_cost_per_year for k in chosen)
    losses = drawn.given_effects(chosen)
    reductions = before - losses
    paid = costs[sorted(chosen)].sum(axis=0)
    rosi = None
    if cost > 0 and paid.min() > 0:
        rosi = _estimate((saved - cost) / cost, (reductions - paid) / paid)
    return ReturnOnInvestment(
        loss_after=_estimate(after, losses),
        reduction=_estimate(saved, reductions),
        cost=_estimate(cost, paid),
        rosi=rosi,
        probability_of_paying=float(np.mean(reductions > paid)),
    )


def _estimate(value: float, draws: Floats) -> Estimate:
    lower, upper = np.quantile(draws, (0.025, 0.975))
    return Estimate(value, float(lower), float(upper))
