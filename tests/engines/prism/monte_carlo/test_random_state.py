"""Random words are those of the published generators, and belong to a place."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.monte_carlo.random_state import check_seed, philox, stream_start, word

TABLE = Path(__file__).parents[3] / "reference" / "prism" / "random_words.csv"


def rows(generator: str) -> list[tuple[str, list[int]]]:
    with TABLE.open() as table:
        return [
            (row["input"], [int(each, 16) for each in row["words"].split()])
            for row in csv.DictReader(table)
            if row["generator"] == generator
        ]


def words(text: str) -> tuple[np.uint64, ...]:
    return tuple(np.uint64(int(each, 16)) for each in text.split())


@pytest.mark.parametrize(("given", "expected"), rows("philox4x64-10"))
def test_philox_gives_the_known_answers(given: str, expected: list[int]) -> None:
    """The vectors its authors publish."""
    counter, key = given.split(" key ")

    assert expected == list(philox(words(counter), words(key)))


def test_philox_is_numpys() -> None:
    """Another implementation; it counts up before it answers."""
    generator = np.random.Philox(key=[7, 8], counter=[4, 6, 0, 1])
    key, counter = (np.uint64(7), np.uint64(8)), tuple(map(np.uint64, (5, 6, 0, 1)))

    assert generator.random_raw(4).tolist() == list(philox(counter, key))


@pytest.mark.parametrize(("seed", "expected"), rows("splitmix64"))
def test_words_are_those_of_splitmix64(seed: str, expected: list[int]) -> None:
    """From a starting point, in order; any of them without those before it."""
    (start,) = words(seed)

    assert expected == [word(start, np.uint64(n)) for n in range(len(expected))]


def test_no_two_streams_begin_alike() -> None:
    """Seeds, streams and blocks all lead to other starting points."""
    places = list(itertools.product((0, 1, 2**53 - 1), (0, 1, 64_000), (0, 1, 244_140)))

    assert len(places) == len({stream_start(*place) for place in places})


@pytest.mark.parametrize("seed", [-1, 2**53])
def test_a_seed_json_cannot_keep_is_refused(seed: int) -> None:
    """From 0 to 2^53 - 1."""
    with pytest.raises(InvalidInput) as refusal:
        check_seed(seed)

    assert refusal.value.field == "seed"
