"""Years in the product form: frequency times magnitude, each drawn once a year."""

from __future__ import annotations

from numba import uint64

from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.leaf_draws import add_leaf, leaf_start, multiply_by_leaf
from engines.prism.monte_carlo.tables import Leaf, Row

_FACTORS, _PRIMARY, _SECONDARY = int(Row.FACTORS), int(Row.PRIMARY), int(Row.SECONDARY)
_END, _OCCURRENCE = int(Row.END), int(Row.OCCURRENCE)
_FORM = int(Leaf.FORM)


@compiled
def add_product_years(arrays, scenario, seed, block, years, room):  # type: ignore[no-untyped-def]
    """Add a scenario's losses in the first `years` years of a block to `room.gross`.

    loss = factors of the frequency * (primary + share with a secondary loss * secondary).
    """
    row = arrays.scenarios[scenario]
    losses, has_parts = room.losses[:years], room.parts.shape[0] > 0
    losses[:] = 0.0
    for leaf in range(row[_SECONDARY], row[_END]):
        add_leaf(losses, arrays, leaf, leaf_start(arrays, leaf, seed, block), uint64(0), room)
        if has_parts:
            _weigh(losses, arrays, row, seed, block, True, room)
            _book(losses, arrays, scenario, leaf, room)
    if row[_SECONDARY] < row[_END] and not has_parts:
        occurrence = row[_OCCURRENCE]
        multiply_by_leaf(
            losses, arrays, occurrence, leaf_start(arrays, occurrence, seed, block), room
        )
    for leaf in range(row[_PRIMARY], row[_SECONDARY]):
        add_leaf(losses, arrays, leaf, leaf_start(arrays, leaf, seed, block), uint64(0), room)
        if has_parts:
            _weigh(losses, arrays, row, seed, block, False, room)
            _book(losses, arrays, scenario, leaf, room)
    if not has_parts:
        _weigh(losses, arrays, row, seed, block, False, room)
        room.gross[:years] += losses


@compiled
def _weigh(losses, arrays, row, seed, block, secondary, room):  # type: ignore[no-untyped-def]
    """Multiply by the factors of the frequency, and the share with a secondary loss if it is one.

    Done for each form of loss where they are told apart: the same words give the same factors.
    """
    if secondary:
        occurrence = row[_OCCURRENCE]
        multiply_by_leaf(
            losses, arrays, occurrence, leaf_start(arrays, occurrence, seed, block), room
        )
    for leaf in range(row[_FACTORS], row[_PRIMARY]):
        multiply_by_leaf(losses, arrays, leaf, leaf_start(arrays, leaf, seed, block), room)


@compiled
def _book(losses, arrays, scenario, leaf, room):  # type: ignore[no-untyped-def]
    """Add one form's losses to the years and their parts, and clear them."""
    form = arrays.scenarios.shape[0] + arrays.leaves[leaf, _FORM]
    room.gross[: losses.size] += losses
    room.parts[scenario, : losses.size] += losses
    room.parts[form, : losses.size] += losses
    losses[:] = 0.0
