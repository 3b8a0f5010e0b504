"""Variates of a leaf, however it is tabulated."""

from __future__ import annotations

from numba import njit, uint64

from engines.prism.monte_carlo.quantile_table import (
    add_variates,
    cell_of,
    multiply_by_variates,
    tail_of,
)
from engines.prism.monte_carlo.random_state import stream_start, word
from engines.prism.monte_carlo.step_table import atom_of
from engines.prism.monte_carlo.tables import Kind, Leaf

_KIND, _FIRST, _LAST = int(Leaf.KIND), int(Leaf.FIRST), int(Leaf.LAST)
_GUIDE_FIRST, _GUIDE_LAST = int(Leaf.GUIDE_FIRST), int(Leaf.GUIDE_LAST)
_SHIFT, _STREAM = int(Leaf.SHIFT), int(Leaf.STREAM)
_LINES, _CONSTANT = int(Kind.LINES), int(Kind.CONSTANT)


@njit(cache=True)
def leaf_start(arrays, leaf, seed, block):  # type: ignore[no-untyped-def]
    """Give where the words of a leaf begin in a block."""
    return stream_start(seed, arrays.leaves[leaf, _STREAM], block)


@njit(cache=True)
def add_leaf(out, arrays, leaf, start, first_word, room):  # type: ignore[no-untyped-def]
    """Add a variate of the leaf to each of `out`, from words `first_word` on."""
    columns = arrays.leaves[leaf]
    if columns[_KIND] == _LINES:
        table = arrays.lines[columns[_FIRST] : columns[_LAST]]
        add_variates(out, table, start, first_word, room.cells, room.tails)
    elif columns[_KIND] == _CONSTANT:
        out += arrays.values[columns[_FIRST]]
    else:
        values = arrays.values[columns[_FIRST] : columns[_LAST]]
        for i in range(uint64(out.size)):
            out[i] += values[leaf_atom(arrays, leaf, word(start, first_word + i))]


@njit(cache=True)
def multiply_by_leaf(out, arrays, leaf, start, room):  # type: ignore[no-untyped-def]
    """Multiply each of `out` by a variate of the leaf, from the first word on."""
    columns = arrays.leaves[leaf]
    if columns[_KIND] == _LINES:
        table = arrays.lines[columns[_FIRST] : columns[_LAST]]
        multiply_by_variates(out, table, start, uint64(0), room.cells, room.tails)
    elif columns[_KIND] == _CONSTANT:
        out *= arrays.values[columns[_FIRST]]
    else:
        values = arrays.values[columns[_FIRST] : columns[_LAST]]
        for i in range(uint64(out.size)):
            out[i] *= values[leaf_atom(arrays, leaf, word(start, i))]


@njit(cache=True)
def leaf_variate(arrays, leaf, random):  # type: ignore[no-untyped-def]
    """Give the variate a word stands for."""
    columns = arrays.leaves[leaf]
    if columns[_KIND] == _LINES:
        tail = tail_of(random)
        at = uint64(columns[_FIRST]) + cell_of(tail, random & uint64(1))
        return arrays.lines[at] + arrays.lines[at + uint64(1)] * tail
    if columns[_KIND] == _CONSTANT:
        return arrays.values[columns[_FIRST]]
    return arrays.values[columns[_FIRST] + leaf_atom(arrays, leaf, random)]


@njit(cache=True)
def leaf_atom(arrays, leaf, random):  # type: ignore[no-untyped-def]
    """Give the number of the atom a word stands for; of a leaf with atoms."""
    columns = arrays.leaves[leaf]
    thresholds = arrays.thresholds[columns[_FIRST] : columns[_LAST]]
    guide = arrays.guides[columns[_GUIDE_FIRST] : columns[_GUIDE_LAST]]
    return atom_of(random, thresholds, guide, uint64(columns[_SHIFT]))
