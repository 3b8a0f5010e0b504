"""Which estimates decide whether a year is one of the bad ones.

Variance says little of a tail. Here the question is put to the tail itself: the Sobol indices of
the indicator that the annual loss, in the product form of `variance_shares`, exceeds its own
percentile. There is no closed form, so they are estimated, with intervals.

Source: Raguet and Marrel, "Target and conditional sensitivity analysis with emphasis on dependence
measures" (2018, arXiv:1801.10047), for indices of a critical event.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import Floats
from engines.prism.drivers.sobol_indices import sobol_indices
from engines.prism.drivers.tornado import check_scenarios
from engines.prism.fair_node import FairNode, leaves_of
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.quasi_monte_carlo.quantile_curve import quantile_curve
from engines.prism.quasi_monte_carlo.sobol_points import sobol_points
from engines.prism.scenario import Scenario
from engines.progress import Progress

REPLICATES: Final = 16
LOG2_POINTS: Final = 12
"""Of a replicate: 2 + (number of leaves) losses are computed for each point."""


@dataclass(frozen=True, kw_only=True)
class TailDriver:
    """What one leaf has to do with bad years. Intervals are 95%, by Student's t over replicates."""

    scenario: str
    node: FairNode
    first: Estimate
    """The part of the indicator's variance that would go if the leaf were known."""
    total: Estimate
    """The part that would stay if all but the leaf were known."""
    rank_correlation: Estimate
    """Spearman's, of the leaf with the annual loss of all scenarios."""


def tail_drivers(
    scenarios: Mapping[str, Scenario], *, percent: float, seed: int, progress: Progress
) -> tuple[TailDriver, ...]:
    """Estimate each leaf's indices for exceeding the `percent` percentile, the largest total first.

    On scrambled Sobol points, `REPLICATES` times `2^LOG2_POINTS` of them.
    """
    check_scenarios(scenarios)
    leaves = [
        (name, node)
        for name, scenario in scenarios.items()
        for node, leaf in leaves_of(scenario).items()
        if leaf.variance > 0
    ]
    if not leaves:
        return ()
    curves = []
    for name, node in leaves:
        progress(0.0, "tabulating leaves")
        curves.append(quantile_curve(leaves_of(scenarios[name])[node]))
    replicates = np.stack(
        [
            _replicate(scenarios, leaves, curves, percent, seed, replicate, progress)
            for replicate in range(REPLICATES)
        ]
    )  # replicate, number, leaf
    drivers = [
        TailDriver(
            scenario=name,
            node=node,
            first=_estimate(replicates[:, 0, i]),
            total=_estimate(replicates[:, 1, i]),
            rank_correlation=_estimate(replicates[:, 2, i]),
        )
        for i, (name, node) in enumerate(leaves)
    ]
    return tuple(sorted(drivers, key=lambda driver: -driver.total.value))


def _replicate(
    scenarios: Mapping[str, Scenario],
    leaves: Sequence[tuple[str, FairNode]],
    curves: Sequence[Callable[[Floats], Floats]],
    percent: float,
    seed: int,
    replicate: int,
    progress: Progress,
) -> Floats:
    """Give first-order index, total index and rank correlation (rows) of each leaf (columns)."""
    done = replicate / REPLICATES
    size = len(leaves)
    blocks = sobol_points(2 * size, LOG2_POINTS, seed=seed, replicate=replicate)
    # Coordinates of A first: the earlier ones are spread more evenly, and A is used more.
    points = np.concatenate(list(blocks)).T
    a: dict[str, dict[FairNode, Floats]] = {name: {} for name in scenarios}
    b: dict[str, dict[FairNode, Floats]] = {name: {} for name in scenarios}
    for i, (name, node) in enumerate(leaves):
        progress(done, "drawing leaves")
        a[name][node], b[name][node] = curves[i](points[i]), curves[i](points[size + i])
    of_a = {name: expected_loss_given(each, a[name]) for name, each in scenarios.items()}
    at_a = _total(of_a, points.shape[1])
    at_b = _total(
        {name: expected_loss_given(each, b[name]) for name, each in scenarios.items()},
        points.shape[1],
    )
    threshold = np.quantile(np.concatenate([at_a, at_b]), percent / 100)
    mixed = np.empty((size, points.shape[1]))
    for i, (name, node) in enumerate(leaves):
        progress(done, "mixing leaves")
        loss = expected_loss_given(scenarios[name], a[name] | {node: b[name][node]})
        mixed[i] = at_a - of_a[name] + loss > threshold
    first, total = sobol_indices(
        (at_a > threshold).astype(float), (at_b > threshold).astype(float), mixed
    )
    ranks = _ranks(at_a)
    correlations = [np.corrcoef(_ranks(a[n][node]), ranks)[0, 1] for n, node in leaves]
    return np.stack([first, total, np.nan_to_num(correlations)])


def _total(losses: Mapping[str, Floats], size: int) -> Floats:
    total = np.zeros(size)
    for loss in losses.values():
        total += loss
    return total


def _ranks(values: Floats) -> Floats:
    """Give the rank of each value, the mean of theirs for equal ones."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def _estimate(replicates: Floats) -> Estimate:
    value = float(replicates.mean())
    margin = float(stdtrit(replicates.size - 1, 0.975)) * float(replicates.std(ddof=1))
    margin /= math.sqrt(replicates.size)
    return Estimate(value, value - margin, value + margin)
