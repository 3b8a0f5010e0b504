"""Annual losses of a scenario, a block of trial years at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from engines.prism.scenario import Scenario
from engines.prism.streams import Purpose, stream

PIECE_EVENTS = 1 << 18
"""Loss events drawn at once: bounds memory (a few MiB) however many a block has."""


def simulate_block(
    scenario: Scenario,
    *,
    seed: int,
    block: int,
    trials: int,
    pulse: Callable[[], None],
) -> NDArray[np.float64]:
    """Draw the annual losses of the first `trials` years of a block.

    A year has Poisson(rate) loss events, at a rate of its own; each costs a primary loss and, with
    its probability, a secondary one. `pulse` is called before every piece of events and may raise.
    """
    rates = scenario.loss_event_frequency_per_year.sample(stream(seed, block, Purpose.RATE), trials)
    counts = stream(seed, block, Purpose.EVENT_COUNT).poisson(rates)
    draw_losses = _event_losses(scenario, seed, block)

    annual = np.zeros(trials)
    for years in _pieces(counts):
        pulse()
        first, last = years[0], years[-1]
        # bincount adds in the order of the events, on every processor. A sum by SIMD need not.
        annual[first : last + 1] += np.bincount(years - first, weights=draw_losses(years.size))
    return annual


def _event_losses(
    scenario: Scenario, seed: int, block: int
) -> Callable[[int], NDArray[np.float64]]:
    """Give a function that draws the losses of the block's next n events."""
    primary = stream(seed, block, Purpose.PRIMARY_LOSS)
    occurrence = stream(seed, block, Purpose.SECONDARY_OCCURRENCE)
    secondary = stream(seed, block, Purpose.SECONDARY_LOSS)

    def draw(size: int) -> NDArray[np.float64]:
        losses = scenario.primary_loss.sample(primary, size)
        if scenario.secondary_loss is not None:
            occurs = occurrence.random(size) < scenario.secondary_loss.probability
            hit = np.flatnonzero(occurs)
            losses[hit] += scenario.secondary_loss.loss.sample(secondary, hit.size)
        return losses

    return draw


def _pieces(counts: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Give the year of every event in order, `PIECE_EVENTS` at a time."""
    ends = np.cumsum(counts)
    total = int(ends[-1])
    for start in range(0, total, PIECE_EVENTS):
        stop = min(start + PIECE_EVENTS, total)
        first = int(np.searchsorted(ends, start, side="right"))
        last = int(np.searchsorted(ends, stop, side="left"))
        years = np.arange(first, last + 1)
        inside = np.minimum(ends[years], stop) - np.maximum(ends[years] - counts[years], start)
        yield np.repeat(years, inside)
