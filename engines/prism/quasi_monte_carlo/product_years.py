"""Frequency times magnitude over scrambled Sobol points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import Floats
from engines.prism.fair_node import CONTEST, FairNode, leaves_of
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.portfolio import Portfolio
from engines.prism.quasi_monte_carlo.quantile_curve import quantile_curve
from engines.prism.quasi_monte_carlo.replicated_losses import ReplicatedLosses
from engines.prism.quasi_monte_carlo.sobol_points import sobol_points
from engines.prism.scenario import AnnualLossModel, Scenario, VulnerabilityScope
from engines.progress import Progress

REPLICATES: Final = 16
"""Independent scramblings: enough for an interval, few enough to leave each its evenness."""
MAX_TRIALS: Final = 1 << 22
"""All losses are kept, 8 bytes each; long before this the model's errors are the larger."""


def quasi_monte_carlo(
    portfolio: Portfolio, *, trials: int, seed: int, progress: Progress
) -> ReplicatedLosses:
    """Compute at least `trials` annual losses of all scenarios together, gross of insurance.

    Every leaf takes one value a year; the vulnerability only where its scope is `PER_YEAR`, else
    its mean is used. There are `REPLICATES` times a power of two of them, up to twice `trials`.

    Source: Owen, in: Monte Carlo and Quasi-Monte Carlo Methods in Scientific Computing, Lecture
    Notes in Statistics 106 (Springer 1995), pp. 299-317, for independent randomisations.
    """
    check_quasi_monte_carlo(portfolio, trials)
    log2_points = max(0, (-(-trials // REPLICATES) - 1).bit_length())
    losses = np.empty((REPLICATES, 1 << log2_points))
    names = uncertain_leaves(portfolio.scenarios)
    curves = {
        (name, node): quantile_curve(leaves_of(portfolio.scenarios[name])[node])
        for name, node in names
    }
    for replicate, row in enumerate(losses):
        done = 0
        blocks = sobol_points(max(1, len(names)), log2_points, seed=seed, replicate=replicate)
        for points in blocks:
            progress((replicate + done / row.size) / REPLICATES, "computing years")
            known: dict[str, dict[FairNode, Floats]] = {name: {} for name in portfolio.scenarios}
            for i, (name, node) in enumerate(names):
                known[name][node] = curves[name, node](points[:, i])
            annual = np.zeros(len(points))
            for name, scenario in portfolio.scenarios.items():
                annual += expected_loss_given(scenario, known[name])
            row[done : done + len(points)] = annual
            done += len(points)
        row.sort()
    return ReplicatedLosses(losses)


def check_quasi_monte_carlo(portfolio: Portfolio, trials: int) -> None:
    """Refuse compound years, and more trials than fit into memory."""
    if any(s.annual_loss is not AnnualLossModel.PRODUCT for s in portfolio.scenarios.values()):
        raise InvalidInput(
            "engine", expected="quasiMonteCarlo with annualLossModel product only",
            received="a compound scenario",
        )  # fmt: skip
    if not 1 <= trials <= MAX_TRIALS:
        expected = f"from 1 to {MAX_TRIALS} with quasiMonteCarlo"
        raise InvalidInput("trials", expected=expected, received=trials)


def uncertain_leaves(scenarios: Mapping[str, Scenario]) -> tuple[tuple[str, FairNode], ...]:
    """Give the leaves that vary from year to year, as (scenario, node): one coordinate each."""
    return tuple(
        (name, node) for name, scenario in scenarios.items() for node in _varying(scenario)
    )


def _varying(scenario: Scenario) -> Iterator[FairNode]:
    vulnerability = scenario.vulnerability
    yearly = vulnerability is not None and vulnerability.scope is VulnerabilityScope.PER_YEAR
    for node, leaf in leaves_of(scenario).items():
        if leaf.variance == 0 and node not in CONTEST:
            continue
        if yearly or node not in (*CONTEST, FairNode.VULNERABILITY):
            yield node
