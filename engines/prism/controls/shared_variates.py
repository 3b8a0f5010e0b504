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
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.quantile_table import (
    OCTAVES,
    add_variates,
    quantile_table,
    tail_of,
)
from engines.prism.monte_carlo.random_state import BATCH, stream_start, word
from engines.prism.quadrature import nodes_of

_TAIL_UNIT = 2.0 ** -(OCTAVES + 1)

Source = Callable[[int, int, int], Floats]
"""(start, first word, size) -> values."""


def shared_variates(distribution: Distribution) -> Source:
    """Give a source of values of a distribution.

    Two sources asked for the same words give values at the same quantiles, so that what a word
    makes large in one, it makes large in the other.
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
    below = np.cumsum(probabilities)[:-1]

    def draw(start: int, first: int, size: int) -> Floats:
        places = np.empty(size)
        _fill_places(places, uint64(start), uint64(first))
        return values[np.searchsorted(below, places)]

    return draw


@compiled
def _fill_places(places, start, first):  # type: ignore[no-untyped-def]
    """Give the probability below the place that each word stands for in a quantile table."""
    for i in range(uint64(places.size)):
        random = word(start, first + uint64(i))
        tail = tail_of(random) * _TAIL_UNIT
        places[i] = 1.0 - tail if random & uint64(1) else tail
