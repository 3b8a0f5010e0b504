"""The tornado: how far the expected annual loss moves when one estimate does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.fair_node import FairNode, leaves_of
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.scenario import Scenario

MAX_SCENARIOS: Final = 50


@dataclass(frozen=True, kw_only=True)
class Swing:
    """One leaf, at its low and at its high percentile, all others integrated out."""

    scenario: str
    node: FairNode
    low: float
    """The leaf's value at the low percentile."""
    high: float
    """The leaf's value at the high percentile."""
    loss_at_low: float
    """The annual loss of all scenarios were the leaf `low` for sure: expected, or a percentile."""
    loss_at_high: float
    """The annual loss of all scenarios were the leaf `high` for sure."""

    @property
    def width(self) -> float:
        """How far the loss moves."""
        return abs(self.loss_at_high - self.loss_at_low)


@dataclass(frozen=True, kw_only=True)
class Tornado:
    """The swings of all uncertain leaves, the widest first, around the annual loss."""

    base: float
    """With every leaf as uncertain as it is."""
    swings: tuple[Swing, ...]


def tornado(
    scenarios: Mapping[str, Scenario], *, low_percent: float = 10, high_percent: float = 90
) -> Tornado:
    """Move each leaf by itself between two of its percentiles.

    The other leaves are neither at their medians nor at their modes: the loss is the conditional
    expectation given the one leaf, so that the swings surround the true expected loss even where
    estimates are skewed. Leaves known for sure have no swing and are left out.

    Source: Howard, "Decision analysis: practice and promise", Management Science 34(6) (1988),
    pp. 679-695, for the tornado diagram.
    """
    check_tornado(scenarios, low_percent, high_percent)
    at = np.array([low_percent, high_percent]) / 100
    expected_of = {name: float(expected_loss_given(s, {})[0]) for name, s in scenarios.items()}
    total = sum(expected_of.values())
    swings = []
    for name, scenario in scenarios.items():
        for node, leaf in leaves_of(scenario).items():
            if leaf.variance == 0:
                continue
            values = leaf.quantile(at)
            low, high = expected_loss_given(scenario, {node: values}) - expected_of[name] + total
            swings.append(
                Swing(
                    scenario=name, node=node, low=float(values[0]), high=float(values[1]),
                    loss_at_low=float(low), loss_at_high=float(high),
                )
            )  # fmt: skip
    swings.sort(key=lambda swing: -swing.width)
    return Tornado(base=total, swings=tuple(swings))


def check_tornado(
    scenarios: Mapping[str, Scenario], low_percent: float, high_percent: float
) -> None:
    """Refuse what there is no tornado of."""
    check_scenarios(scenarios)
    if not 0 < low_percent < high_percent < 100:
        expected = f"more than lowPercent ({low_percent:g}) and less than 100"
        raise InvalidInput("high_percent", expected=expected, received=high_percent)


def check_scenarios(scenarios: Mapping[str, Scenario]) -> None:
    """Refuse none, and more than `MAX_SCENARIOS`."""
    if not 1 <= len(scenarios) <= MAX_SCENARIOS:
        expected = f"from 1 to {MAX_SCENARIOS} scenarios"
        raise InvalidInput("scenarios", expected=expected, received=len(scenarios))
