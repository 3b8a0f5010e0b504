"""Monte Carlo simulation of a scenario: its trials, whole or in shards.

Same request, same numbers, bit for bit, for any sharding (see `streams` and `loss_tally`). What
the bits do depend on: the NumPy version, whose samplers may change between releases (NEP 19), and
the processor family, because `np.exp` and the C library's `exp` and `log` round some last bits
differently with and without AVX-512 or FMA. That moves a lognormal loss by one part in 1e16, and
can move a year across the edge of a cell; it is far below every interval reported. It matters only
to those who compare results byte by byte across unlike machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.prism.annual_loss import simulate_block
from engines.prism.loss_tally import LossTally, tally
from engines.prism.scenario import Scenario
from engines.prism.streams import BLOCK_TRIALS
from engines.progress import Progress

MAX_TRIALS = 10**9
MAX_EVENTS = 10**10
"""Loss events expected in a simulation; eight minutes on one core at 48 ns each."""


def block_count(trials: int) -> int:
    """Give how many blocks hold `trials` trials; the last one may be partly filled."""
    return -(-trials // BLOCK_TRIALS)


def check_size(scenario: Scenario, trials: int) -> None:
    """Raise `InvalidInput` when the simulation would have too many trials or loss events."""
    if not 1 <= trials <= MAX_TRIALS:
        raise InvalidInput("trials", expected=f"from 1 to {MAX_TRIALS}", received=trials)
    rate = scenario.loss_event_frequency_per_year.mean
    if rate * trials > MAX_EVENTS:
        affordable = int(MAX_EVENTS / rate)
        expected = f"at most {affordable} at {rate:g} loss events a year"
        raise InvalidInput("trials", expected=expected, received=trials)


def simulate(
    scenario: Scenario,
    *,
    seed: int,
    trials: int,
    blocks: range,
    appetite: float | None,
    progress: Progress,
) -> LossTally:
    """Simulate `blocks` of the `trials` years and sum them up."""
    check_size(scenario, trials)

    def losses() -> Iterator[NDArray[np.float64]]:
        for done, block in enumerate(blocks):
            pulse = partial(progress, done / len(blocks), f"block {done} of {len(blocks)}")
            pulse()
            size = min(BLOCK_TRIALS, trials - block * BLOCK_TRIALS)
            yield simulate_block(scenario, seed=seed, block=block, trials=size, pulse=pulse)

    return tally(losses(), appetite=appetite)
