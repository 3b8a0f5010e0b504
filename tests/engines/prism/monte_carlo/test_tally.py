"""A tally loses no year, and merges to the same numbers in any order."""

from __future__ import annotations

import random
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.distributions import Floats
from engines.prism.monte_carlo import loss_cells
from engines.prism.monte_carlo.loss_cells import lower_edges, upper_edges
from engines.prism.monte_carlo.tally import LossCounter, LossTally, merge

amounts = st.one_of(st.just(0.0), st.floats(min_value=1e-9, max_value=1e37))
blocks = st.lists(st.lists(amounts, min_size=1, max_size=20), min_size=1, max_size=8)


def tallied(*losses: list[float] | Floats, thresholds: tuple[float, ...] = ()) -> LossTally:
    counter = LossCounter(thresholds)
    for each in losses:
        counter.add(np.array(each, dtype=np.float64))
    return counter.tally()


def numbers(of: LossTally) -> tuple[object, ...]:
    return (
        of.trials, of.cells.tolist(), of.counts.tolist(), of.residuals.tolist(),
        of.smallest, of.largest, of.above,
    )  # fmt: skip


@settings(max_examples=50)
@given(blocks, st.randoms())
def test_any_sharing_of_the_years_gives_the_same_numbers(
    losses: list[list[float]], chance: random.Random
) -> None:
    """Counted together, one after the other, or apart and merged in any order."""
    parts = [tallied(block, thresholds=(1e6,)) for block in losses]
    chance.shuffle(parts)

    assert numbers(tallied(*losses, thresholds=(1e6,))) == numbers(merge(parts))
    assert numbers(tallied([*chain(*losses)], thresholds=(1e6,))) == numbers(merge(parts))


@given(blocks)
def test_every_year_is_in_its_cell(losses: list[list[float]]) -> None:
    """Between the edges, and counted once."""
    years = np.sort(np.array([*chain(*losses)]))
    tally = tallied(years)
    low, high = (
        np.repeat(edges(tally.cells), tally.counts) for edges in (lower_edges, upper_edges)
    )

    assert years.size == tally.trials == tally.counts.sum()
    assert (low * (1 - 2**-32) <= years).all()
    assert (years <= high).all()
    assert (high - low <= low * loss_cells.RELATIVE_CELL_WIDTH).all()


@given(st.lists(amounts, min_size=1, max_size=50))
def test_the_mean_is_the_exact_one(losses: list[float]) -> None:
    """To one part in four thousand million, of any losses."""
    assert tallied(losses).mean == pytest.approx(np.mean(losses), rel=2**-32)


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=50))
def test_whole_amounts_are_added_without_rounding(losses: list[int]) -> None:
    """Up to nine digits."""
    assert tallied(list(map(float, losses))).mean == sum(losses) / len(losses)


def test_only_years_above_a_threshold_are_above_it() -> None:
    """A loss equal to it is not."""
    assert tallied([1.0, 2.0, 3.0], thresholds=(2.0, 0.0)).above == (1, 3)


def test_a_word_has_room_for_all_years_between_two_collections() -> None:
    """As many equal losses with the largest residual there is."""
    loss = float(np.nextafter(2.0, 0) - 2**-31)
    tally = tallied(np.full(loss_cells.MOST_PACKED + 5, loss))

    assert tally.counts.tolist() == [loss_cells.MOST_PACKED + 5]
    assert tally.means.tolist() == [loss]


@pytest.mark.parametrize("loss", [np.nan, np.inf, -1.0, 1e60])
def test_what_is_no_amount_is_not_counted_silently(loss: float) -> None:
    """NaN, infinity and negative numbers are our fault, and stop the simulation."""
    with pytest.raises(ArithmeticError):
        tallied([1.0, loss])
