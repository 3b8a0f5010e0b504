"""Atoms come with their probabilities, and nothing comes between them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.prism.monte_carlo.pair_count import pair_probabilities
from engines.prism.monte_carlo.random_state import BATCH, stream_start
from engines.prism.monte_carlo.step_table import atom_of, draw_atoms, step_table

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda p: sum(p) > 1e-3)


@given(probabilities, st.integers(0, 2**64 - 1))
def test_a_word_gives_the_atom_its_share_falls_on(shares: list[float], random: int) -> None:
    """The inverse of the distribution function, to 2^-53."""
    table = step_table(np.array(shares))
    atom = int(atom_of(np.uint64(random), table.thresholds, table.guide, np.uint64(table.shift)))
    below = np.append(0, np.cumsum(shares)) / np.sum(shares)

    assert below[atom] - 2**-50 <= random / 2**64 <= below[atom + 1] + 2**-50


@given(probabilities)
def test_what_cannot_be_never_comes(shares: list[float]) -> None:
    """Not for the smallest word, not for the largest, and not beside a threshold."""
    table = step_table(np.array(shares))
    beside = (int(t) * 2 + d for t in table.thresholds.tolist() for d in (-2, -1, 0, 1))
    words = {0, 2**64 - 1} | {each for each in beside if 0 <= each < 2**64}
    total = sum(shares)
    for random in words:
        atom = atom_of(np.uint64(random), table.thresholds, table.guide, np.uint64(table.shift))
        assert shares[int(atom)] / total > 0


def test_atoms_come_as_often_as_they_should() -> None:
    """Within 4.5 standard errors, over a count's pairs."""
    pairs = pair_probabilities(1, np.array([0.5, 0.3, 0.2]), 0.25)
    table, atoms = step_table(pairs), np.zeros(100_000, dtype=np.uint32)
    start, words = np.uint64(stream_start(5, 0, 0)), np.empty(BATCH, dtype=np.uint64)
    draw_atoms(
        atoms, table.thresholds, table.guide, np.uint64(table.shift), start, np.uint64(0), words
    )
    found = np.bincount(atoms, minlength=pairs.size) / atoms.size

    assert (abs(found - pairs) < 4.5 * np.sqrt(pairs * (1 - pairs) / atoms.size)).all()


@given(st.integers(0, 5), st.lists(st.floats(0.01, 1), min_size=1, max_size=20), st.floats(0, 1))
def test_pairs_are_a_count_thinned(least: int, counts: list[float], occurrence: float) -> None:
    """Summed over the secondary losses they are the count; their mean is the share of its mean."""
    pairs = pair_probabilities(least, np.array(counts), occurrence)
    numbers = [(n, m) for n in range(least, least + len(counts)) for m in range(n + 1)]
    by_count = np.zeros(len(counts))
    for (n, _), share in zip(numbers, pairs, strict=True):
        by_count[n - least] += share

    np.testing.assert_allclose(by_count, counts, rtol=1e-12)
    mean = math.fsum(m * share for (_, m), share in zip(numbers, pairs, strict=True))
    expected = occurrence * math.fsum((least + place) * share for place, share in enumerate(counts))
    assert math.isclose(expected, mean, rel_tol=1e-12, abs_tol=1e-12)
