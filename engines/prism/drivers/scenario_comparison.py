"""Scenarios side by side, and which of them is the larger risk whatever loss one looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.prism.analytic.aggregate_loss import aggregate_loss
from engines.prism.analytic.exact_loss import ExactLoss
from engines.prism.drivers.tornado import check_scenarios
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.portfolio import Portfolio
from engines.prism.quasi_monte_carlo.product_years import quasi_monte_carlo
from engines.prism.quasi_monte_carlo.replicated_losses import ReplicatedLosses
from engines.prism.scenario import AnnualLossModel, Scenario
from engines.progress import Progress

PRODUCT_TRIALS: Final = 1 << 16
_PERCENTS: Final = (1.0, *range(5, 95, 5), 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.95)
_NO_DIFFERENCE: Final = 1e-4
"""One year in ten thousand: curves that are nearer to each other are taken to touch."""


@dataclass(frozen=True, kw_only=True)
class ComparedScenario:
    """One scenario beside others."""

    losses: ExactLoss | ReplicatedLosses
    """Of a year: exact, or over quasi-random years for a product-form scenario."""
    share: float | None
    """Of the expected annual loss of all scenarios; `None` where that is 0."""
    dominated: tuple[str, ...]
    """The scenarios that are less likely than this one to exceed any amount."""


def compare_scenarios(
    scenarios: Mapping[str, Scenario], *, seed: int, progress: Progress
) -> dict[str, ComparedScenario]:
    """Compare the annual losses of scenarios.

    Source: Hadar and Russell, "Rules for ordering uncertain prospects", American Economic Review
    59(1) (1969), pp. 25-34, for first-order dominance: one exceedance curve nowhere below another,
    and somewhere above. It is looked for at many percentiles of all the scenarios.
    """
    check_scenarios(scenarios)
    losses: dict[str, ExactLoss | ReplicatedLosses] = {}
    for i, (name, scenario) in enumerate(scenarios.items()):
        progress(i / len(scenarios), "comparing scenarios")
        losses[name] = _annual_loss(scenario, seed, progress)
    amounts = np.unique([losses[n].percentile(p).value for n in scenarios for p in _PERCENTS])
    above = {name: loss.survival(amounts) for name, loss in losses.items()}
    means = {name: float(expected_loss_given(s, {})[0]) for name, s in scenarios.items()}
    total = sum(means.values())
    return {
        name: ComparedScenario(
            losses=losses[name],
            share=means[name] / total if total > 0 else None,
            dominated=tuple(
                other
                for other in scenarios
                if (above[name] >= above[other] - _NO_DIFFERENCE).all()
                and (above[name] > above[other] + _NO_DIFFERENCE).any()
            ),
        )
        for name in scenarios
    }


def _annual_loss(scenario: Scenario, seed: int, progress: Progress) -> ExactLoss | ReplicatedLosses:
    portfolio = Portfolio(scenarios={"only": scenario})
    if scenario.annual_loss is AnnualLossModel.PRODUCT:
        return quasi_monte_carlo(portfolio, trials=PRODUCT_TRIALS, seed=seed, progress=progress)
    return aggregate_loss(portfolio, progress=progress).gross
