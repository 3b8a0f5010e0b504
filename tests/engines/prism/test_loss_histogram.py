"""Every loss has one cell, and cells are as narrow as promised."""

from __future__ import annotations

import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.prism.loss_histogram import (
    CELLS,
    RELATIVE_CELL_WIDTH,
    ZERO_CELL,
    cells_of,
    lower_edges,
    upper_edges,
)

losses = st.floats(min_value=0, max_value=sys.float_info.max)
NORMAL = sys.float_info.min


@given(losses)
def test_a_loss_lies_in_its_cell(loss: float) -> None:
    """From the lower edge, included, to the upper one."""
    cell = cells_of(np.array([loss]))

    assert 0 <= cell[0] < CELLS
    assert lower_edges(cell)[0] <= loss
    assert loss < upper_edges(cell)[0] or cell[0] == ZERO_CELL


@given(losses, losses)
def test_cells_are_in_the_order_of_their_losses(one: float, other: float) -> None:
    """A larger loss never has a lower cell."""
    low, high = cells_of(np.array(sorted((one, other))))

    assert low <= high


@given(losses.filter(lambda loss: NORMAL <= loss <= sys.float_info.max / 2))
def test_a_cell_is_a_thousandth_wide(loss: float) -> None:
    """Relative to its lower edge."""
    cell = cells_of(np.array([loss]))

    width = upper_edges(cell)[0] - lower_edges(cell)[0]
    assert width <= RELATIVE_CELL_WIDTH * lower_edges(cell)[0]


def test_years_without_a_loss_have_their_own_cell() -> None:
    """A loss of a trillionth of a cent is elsewhere."""
    assert (cells_of(np.array([0.0, 1e-14])) == ZERO_CELL).tolist() == [True, False]
    assert upper_edges(np.array([ZERO_CELL])).tolist() == [0.0]
