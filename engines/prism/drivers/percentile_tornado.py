"""The tornado of a percentile: how far the tail moves when one estimate does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.analytic.aggregate_loss import aggregate_loss
from engines.prism.distributions import Constant
from engines.prism.drivers.tornado import Swing, Tornado, check_tornado
from engines.prism.fair_node import leaves_of, with_leaves
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import AnnualLossModel, Scenario
from engines.progress import Progress

MAX_LEAVES: Final = 200
"""Uncertain ones: each takes two exact distributions of the annual loss."""


def percentile_tornado(
    scenarios: Mapping[str, Scenario],
    *,
    percent: float,
    low_percent: float,
    high_percent: float,
    progress: Progress,
) -> Tornado:
    """Move each leaf by itself between two of its percentiles, and give a percentile of the loss.

    Exact, for compound scenarios: the distribution of the annual loss is computed anew with the
    leaf known for sure, by the analytic engine. A loss that is known is the same in every event.
    """
    check_percentile_tornado(scenarios, low_percent, high_percent)
    at = np.array([low_percent, high_percent]) / 100
    leaves = [
        (name, node, leaf)
        for name, scenario in scenarios.items()
        for node, leaf in leaves_of(scenario).items()
        if leaf.variance > 0
    ]

    def percentile(changed: Mapping[str, Scenario]) -> float:
        loss = aggregate_loss(Portfolio(scenarios=changed)).gross
        return float(loss.quantile(np.array([percent / 100]))[0])

    swings = []
    for i, (name, node, leaf) in enumerate(leaves):
        values = leaf.quantile(at).tolist()
        losses = []
        for value in values:
            progress(i / len(leaves), "moving estimates")
            moved = with_leaves(scenarios[name], {node: Constant(value)})
            losses.append(percentile({**scenarios, name: moved}))
        swings.append(
            Swing(
                scenario=name, node=node, low=values[0], high=values[1],
                loss_at_low=losses[0], loss_at_high=losses[1],
            )
        )  # fmt: skip
    swings.sort(key=lambda swing: -swing.width)
    return Tornado(base=percentile(scenarios), swings=tuple(swings))


def check_percentile_tornado(
    scenarios: Mapping[str, Scenario], low_percent: float, high_percent: float
) -> None:
    """Refuse product-form scenarios, and more than `MAX_LEAVES` uncertain leaves."""
    check_tornado(scenarios, low_percent, high_percent)
    if any(each.annual_loss is not AnnualLossModel.COMPOUND for each in scenarios.values()):
        raise InvalidInput(
            "tornado_percent", expected="null, unless every annualLossModel is compound",
            received="a percentile where one is product",
        )  # fmt: skip
    count = sum(
        leaf.variance > 0 for each in scenarios.values() for leaf in leaves_of(each).values()
    )
    if count > MAX_LEAVES:
        expected = f"null, where more than {MAX_LEAVES} estimates are uncertain"
        raise InvalidInput("tornado_percent", expected=expected, received=f"{count} of them")
