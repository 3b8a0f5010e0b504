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
    # Secondary losses first: what the primary ones are added to has its share then.
    for place in range(row[_END] - row[_PRIMARY]):
        leaf = row[_SECONDARY] + place
        if leaf >= row[_END]:
            leaf -= row[_END] - row[_PRIMARY]
        is_secondary = leaf >= row[_SECONDARY]
        add_leaf(losses, arrays, leaf, leaf_start(arrays, leaf, seed, block), uint64(0), room)
        if is_secondary and (has_parts or leaf + 1 == row[_END]):
            _multiply(losses, arrays, row[_OCCURRENCE], row[_OCCURRENCE] + 1, seed, block, room)
        if has_parts:
            # Each form by itself: the same words give the same factors.
            _multiply(losses, arrays, row[_FACTORS], row[_PRIMARY], seed, block, room)
            _book(losses, arrays, scenario, leaf, room)
    if not has_parts:
        _multiply(losses, arrays, row[_FACTORS], row[_PRIMARY], seed, block, room)
        for year in range(uint64(years)):
            room.gross[year] += losses[year]


@compiled
def _multiply(losses, arrays, first, end, seed, block, room):  # type: ignore[no-untyped-def]
    """Multiply by the variates of leaves."""
    for leaf in range(first, end):
        multiply_by_leaf(losses, arrays, leaf, leaf_start(arrays, leaf, seed, block), room)


@compiled
def _book(losses, arrays, scenario, leaf, room):  # type: ignore[no-untyped-def]
    """Add one form's losses to the years and their parts, and clear them."""
    form = arrays.scenarios.shape[0] + arrays.leaves[leaf, _FORM]
    for year in range(uint64(losses.size)):
        room.gross[year] += losses[year]
        room.parts[scenario, year] += losses[year]
        room.parts[form, year] += losses[year]
        losses[year] = 0.0
