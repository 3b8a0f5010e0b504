"""Values of distributions by random words: a word stands for one place in all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import uint64

from engines.prism.distributions import (
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Floats,
    NegativeBinomial,
    Poisson,
)
from engines.prism.monte_carlo.quantile_table import BATCH, add_variates, quantile_table
from engines.prism.monte_carlo.random_state import stream_start
from engines.prism.monte_carlo.step_table import add_atoms, step_table
from engines.prism.quadrature import nodes_of

Source = Callable[[int, int, int], Floats]
"""(start, first word, size) -> values."""


def shared_variates(distribution: Distribution) -> Source:
    """Give a source of values of a distribution.

    Two sources asked for the same words give values at the same quantiles, so that what a word
    makes large in one, it makes large in the other; but not one with atoms and one without.
    """
    if isinstance(distribution, Constant):
        return lambda start, first, size: np.full(size, distribution.value)
    if isinstance(distribution, Empirical | Poisson | NegativeBinomial | Binomial):
        return _atoms(*nodes_of(distribution))
    table = quantile_table(distribution)
    cells, tails = np.empty(BATCH, dtype=np.uint64), np.empty(BATCH)

    def draw(start: int, first: int, size: int) -> Floats:
        values = np.zeros(size)
        add_variates(values, table, uint64(start), uint64(first), cells, tails)
        return values

    return draw


@dataclass(frozen=True)
class BlockStreams:
    """The random streams of one scenario in one block of years."""

    seed: int
    scenario: int
    block: int

    def start(self, part: int) -> int:
        """Give the starting point of the words of one part of the scenario, of 64 at most."""
        stream = (self.scenario << 6) + part
        return int(stream_start(uint64(self.seed), uint64(stream), uint64(self.block)))

    def generator(self) -> np.random.Generator:
        """Give a generator for what no table decides."""
        counter = [0, 1, self.scenario, self.block]
        return np.random.Generator(np.random.Philox(key=self.seed, counter=counter))


def _atoms(values: Floats, probabilities: Floats) -> Source:
    table = step_table(probabilities)

    def draw(start: int, first: int, size: int) -> Floats:
        drawn = np.zeros(size)
        guide, shift = table.guide, uint64(table.shift)
        add_atoms(drawn, values, table.thresholds, guide, shift, uint64(start), uint64(first))
        return drawn

    return draw
