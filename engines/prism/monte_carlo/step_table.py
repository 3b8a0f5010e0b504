"""Distributions of atoms: counts, constants, observed values.

The inverse of the distribution function, found by a guide: the top bits of a word say where to
begin, and almost always where to end. Words are compared with whole-number thresholds, 2^63 times
the distribution function, so an atom's probability is right to 2^-53 and one of 0 never comes. A
larger word never gives a smaller atom, so two simulations with the same words stay close when only
the probabilities change.

Source: Chen and Asau, "On generating random variates from an empirical distribution", AIIE
Transactions 6 (1974), pp. 163-166, the method of guide tables.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import uint32, uint64
from numpy.typing import NDArray

from engines.prism.distributions import Floats
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.random_state import BATCH, word

GUIDE_CELLS_AN_ATOM = 4
"""At least; then at most one word in four begins at the wrong atom, and most of those by one."""
SMALLEST_GUIDE_BITS, LARGEST_GUIDE_BITS = 1, 16


@dataclass(frozen=True, eq=False)
class StepTable:
    """Atoms by their number, ascending."""

    thresholds: NDArray[np.uint64]
    """Half a word gives the first atom whose threshold is above it; the last is 2^63."""
    guide: NDArray[np.uint32]
    """The smallest atom that a word with these top bits can give; 2^bits of them."""

    @property
    def shift(self) -> int:
        """How far a word is shifted to give its place in the guide."""
        return 64 - (self.guide.size.bit_length() - 1)


def step_table(probabilities: Floats) -> StepTable:
    """Tabulate atoms 0, 1, ... with these probabilities, which need not quite sum to 1."""
    below = np.cumsum(probabilities)
    below /= below[-1]
    thresholds = np.rint(below * 2.0**53).astype(np.uint64) << np.uint64(10)
    bits = (GUIDE_CELLS_AN_ATOM * below.size - 1).bit_length()
    bits = min(max(bits, SMALLEST_GUIDE_BITS), LARGEST_GUIDE_BITS)
    smallest = np.arange(1 << bits, dtype=np.uint64) << np.uint64(63 - bits)
    return StepTable(thresholds, np.searchsorted(thresholds, smallest, "right").astype(np.uint32))


@compiled
def atom_of(random, thresholds, guide, shift):  # type: ignore[no-untyped-def]
    """Give the number of the atom a word stands for."""
    atom, half = guide[random >> shift], random >> uint64(1)
    while half >= thresholds[atom]:
        atom += uint32(1)
    return atom


@compiled
def draw_atoms(atoms, thresholds, guide, shift, start, first_word, words):  # type: ignore[no-untyped-def]
    """Draw the numbers of random atoms, from words `first_word` on.

    `words` is room for `BATCH` numbers: filling it is a loop of its own because that runs in SIMD.
    """
    for batch in range(0, atoms.size, BATCH):
        part, first = atoms[batch : batch + BATCH], first_word + uint64(batch)
        for i in range(uint64(part.size)):
            words[i] = word(start, first + i)
        for i in range(uint64(part.size)):
            part[i] = atom_of(words[i], thresholds, guide, shift)
