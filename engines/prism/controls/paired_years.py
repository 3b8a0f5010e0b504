"""Simulated years of several scenarios together, each year under several choices of controls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.annual_loss_answers import Estimate
from engines.prism.controls.changed_scenario import ChangedScenario
from engines.prism.controls.control import acting
from engines.prism.controls.effect_draws import DRAWS
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.controls.paired_losses import Integers
from engines.prism.controls.paired_scenario import PairedScenario
from engines.prism.controls.shared_variates import BlockStreams
from engines.prism.fair_node import FairNode, leaves_of
from engines.prism.monte_carlo.tally import LossCounter, LossTally
from engines.prism.scenario import AnnualLossModel
from engines.progress import Progress

MAX_TRIALS: Final = 10_000_000
MAX_WORK: Final = 2_000_000_000
"""Years and loss events, each counted once for every choice that differs in it: a few minutes."""
BLOCK_YEARS: Final = 1 << 15
_Z_975: Final = 1.959963984540054
_EFFECTS: Final = 1 << 20
"""The draws of effects have streams beyond those of the scenarios."""


@dataclass(frozen=True, kw_only=True)
class PairedYears:
    """The years under one choice of controls, beside the same years without any."""

    losses: LossTally
    mean_reduction: Estimate
    """Of the year's loss: the mean of the differences year by year, with its 95% interval by the
    central limit theorem. It holds what simulation adds to the exact expectation."""


def simulate_pairs(
    expected: ExpectedLoss,
    choices: Sequence[tuple[int, ...]],
    *,
    trials: int,
    seed: int,
    progress: Progress,
) -> tuple[PairedYears, ...]:
    """Simulate `trials` years under each choice of controls, with one set of random numbers.

    The scenarios are independent of each other; `expected` holds drawn effects. The same seed gives
    the same years, and a choice's years do not depend on the other choices unless one of those
    raises the rate of events.
    """
    check_trials(expected, trials)
    paired = [
        (number, *_variants(expected, name, choices, progress))
        for number, name in enumerate(expected.scenarios)
    ]
    counters = [LossCounter() for _ in choices]
    sums, squares = np.zeros((2, len(choices)))
    for block, first in enumerate(range(0, trials, BLOCK_YEARS)):
        years = min(BLOCK_YEARS, trials - first)
        draws = BlockStreams(seed, _EFFECTS, block).generator().integers(DRAWS, size=years)
        annual = np.zeros((len(choices), years))
        for number, scenario, variant_of in paired:

            def pulse(done: float = first / trials) -> None:
                progress(done, "simulating years")

            losses = scenario.annual_losses(BlockStreams(seed, number, block), draws, pulse)
            annual += losses[variant_of]
        for counter, row in zip(counters, annual, strict=True):
            counter.add(row)
        saved = annual[0] - annual
        sums += saved.sum(axis=1)
        squares += (saved**2).sum(axis=1)
    return tuple(
        PairedYears(losses=counter.tally(), mean_reduction=_mean(total, square, trials))
        for counter, total, square in zip(counters, sums.tolist(), squares.tolist(), strict=True)
    )


def check_trials(expected: ExpectedLoss, trials: int) -> None:
    """Refuse none, too many, and too much to simulate in them."""
    if not 1 <= trials <= MAX_TRIALS:
        expectation = f"from 1 to {MAX_TRIALS:,}"
        raise InvalidInput("trials", expected=expectation, received=trials)
    controls = expected.controls
    work = sum(
        (1 + _events_a_year(expected, name))
        * (2 + len({k for k, _ in acting(controls, range(len(controls)), name)}))
        for name in expected.scenarios
    )
    if work * trials > MAX_WORK:
        raise InvalidInput(
            "trials",
            expected=f"at most {int(MAX_WORK / work):,} with so many loss events and controls",
            received=trials,
        )


def _events_a_year(expected: ExpectedLoss, name: str) -> float:
    """Give the mean number of events that are drawn, the most over the leaves that controls set."""
    every = expected.changed(name, range(len(expected.controls)))
    most = 0.0
    for variant in (expected.changed(name, ()), every):
        if variant.scenario.annual_loss is AnnualLossModel.PRODUCT:
            return 1.0
        leaves = leaves_of(variant.scenario)
        rate = math.prod(leaves[FairNode(each)].mean for each in variant.scenario.frequencies)
        most = max(most, rate * float(variant.vulnerability.max()))
    return most


def _variants(
    expected: ExpectedLoss, name: str, choices: Sequence[tuple[int, ...]], progress: Progress
) -> tuple[PairedScenario, Integers]:
    """Give the variants of a scenario that differ, and which of them each choice has."""
    distinct: dict[tuple[tuple[int, int], ...], int] = {}
    changed: list[ChangedScenario] = []
    variant_of: list[int] = []
    for chosen in choices:
        actions = tuple(acting(expected.controls, chosen, name))
        if actions not in distinct:
            progress(0.0, "preparing years")
            distinct[actions] = len(changed)
            changed.append(expected.changed(name, chosen))
        variant_of.append(distinct[actions])
    return PairedScenario(changed), np.array(variant_of)


def _mean(total: float, square: float, trials: int) -> Estimate:
    mean = total / trials
    if trials == 1:
        return Estimate(mean, None, None)
    variance = max(0.0, square - total * mean) / (trials - 1)
    margin = _Z_975 * math.sqrt(variance / trials)
    return Estimate(mean, mean - margin, mean + margin)
