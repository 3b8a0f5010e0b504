"""A tally loses no year, and merges to the same bits in any order."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.loss_tally import LossTally, merge, tally

amounts = st.floats(min_value=0, max_value=1e37)
blocks = st.lists(st.lists(amounts, min_size=1, max_size=20), min_size=1, max_size=8)


def tallied(losses: list[list[float]], appetite: float | None = None) -> LossTally:
    return tally((np.array(block) for block in losses), appetite=appetite)


def bits(of: LossTally) -> tuple[object, ...]:
    return (
        of.trials, of.cells.tolist(), of.counts.tolist(), of.mean, of.standard_deviation,
        of.smallest, of.largest, of.above_appetite,
    )  # fmt: skip


@settings(max_examples=40)
@given(blocks.filter(lambda losses: sum(map(len, losses)) > 1), st.randoms())
def test_any_sharing_of_the_blocks_gives_the_same_bits(
    losses: list[list[float]], chance: random.Random
) -> None:
    """One tally of all blocks, or one tally a block merged in any order."""
    parts = [tallied([block], appetite=1e6) for block in losses]
    chance.shuffle(parts)

    assert bits(tallied(losses, appetite=1e6)) == bits(merge(parts))


@given(blocks)
def test_every_year_is_counted(losses: list[list[float]]) -> None:
    """However small or large it is."""
    trials = sum(len(block) for block in losses)
    summed = tallied(losses)

    assert trials == summed.trials == summed.counts.sum()


@given(st.lists(amounts, min_size=1, max_size=8))
def test_the_mean_is_the_exact_one_rounded(losses: list[float]) -> None:
    """Blocks are added without rounding."""
    exact = sum(map(Fraction, losses)) / len(losses)

    assert tallied([[loss] for loss in losses]).mean == pytest.approx(float(exact), rel=3e-16)


def test_the_standard_deviation_is_the_samples() -> None:
    """With n - 1, and not a number for one year."""
    assert tallied([[1.0, 2.0], [3.0, 6.0]]).standard_deviation == pytest.approx(
        math.sqrt(14 / 3), rel=1e-15
    )
    assert math.isnan(tallied([[1.0]]).standard_deviation)


def test_only_years_above_the_appetite_are_above_it() -> None:
    """A loss equal to the appetite is accepted."""
    assert tallied([[1.0, 2.0, 3.0]], appetite=2.0).above_appetite == 1


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_what_is_no_amount_is_not_counted_silently(loss: float) -> None:
    """NaN and infinity are our fault, and stop the simulation."""
    with pytest.raises(ArithmeticError):
        tallied([[1.0, loss]])
