"""Variates of a leaf, however it is tabulated."""

from __future__ import annotations

from numba import uint64

from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.quantile_table import (
    add_variates,
    cell_of,
    multiply_by_variates,
    tail_of,
)
from engines.prism.monte_carlo.random_state import BATCH, stream_start, word
from engines.prism.monte_carlo.step_table import atom_of, draw_atoms
from engines.prism.monte_carlo.tables import Kind, Leaf

_KIND, _FIRST, _LAST = int(Leaf.KIND), int(Leaf.FIRST), int(Leaf.LAST)
_GUIDE_FIRST, _GUIDE_LAST = int(Leaf.GUIDE_FIRST), int(Leaf.GUIDE_LAST)
_SHIFT, _STREAM = int(Leaf.SHIFT), int(Leaf.STREAM)
_LINES, _CONSTANT = int(Kind.LINES), int(Kind.CONSTANT)


@compiled
def leaf_start(arrays, leaf, seed, block):  # type: ignore[no-untyped-def]
    """Give where the words of a leaf begin in a block."""
    return stream_start(seed, arrays.leaves[leaf, _STREAM], block)


@compiled
def add_leaf(out, arrays, leaf, start, first_word, room):  # type: ignore[no-untyped-def]
    """Add a variate of the leaf to each of `out`, from words `first_word` on."""
    columns = arrays.leaves[leaf]
    values = arrays.values[columns[_FIRST] : columns[_LAST]]
    if columns[_KIND] == _LINES:
        table = arrays.lines[columns[_FIRST] : columns[_LAST]]
        add_variates(out, table, start, first_word, room.cells, room.tails)
    elif columns[_KIND] == _CONSTANT:
        for i in range(uint64(out.size)):
            out[i] += values[0]
    else:
        for batch in range(0, out.size, BATCH):
            part = out[batch : batch + BATCH]
            atoms = room.atoms[: part.size]
            draw_leaf_atoms(atoms, arrays, leaf, start, first_word + uint64(batch), room)
            for i in range(uint64(part.size)):
                part[i] += values[atoms[i]]


@compiled
def multiply_by_leaf(out, arrays, leaf, start, room):  # type: ignore[no-untyped-def]
    """Multiply each of `out` by a variate of the leaf, from the first word on."""
    columns = arrays.leaves[leaf]
    values = arrays.values[columns[_FIRST] : columns[_LAST]]
    if columns[_KIND] == _LINES:
        table = arrays.lines[columns[_FIRST] : columns[_LAST]]
        multiply_by_variates(out, table, start, uint64(0), room.cells, room.tails)
    elif columns[_KIND] == _CONSTANT:
        for i in range(uint64(out.size)):
            out[i] *= values[0]
    else:
        for batch in range(0, out.size, BATCH):
            part = out[batch : batch + BATCH]
            atoms = room.atoms[: part.size]
            draw_leaf_atoms(atoms, arrays, leaf, start, uint64(batch), room)
            for i in range(uint64(part.size)):
                part[i] *= values[atoms[i]]


@compiled
def draw_leaf_atoms(atoms, arrays, leaf, start, first_word, room):  # type: ignore[no-untyped-def]
    """Draw the numbers of atoms of a leaf that has them."""
    columns = arrays.leaves[leaf]
    thresholds = arrays.thresholds[columns[_FIRST] : columns[_LAST]]
    guide = arrays.guides[columns[_GUIDE_FIRST] : columns[_GUIDE_LAST]]
    shift = uint64(columns[_SHIFT])
    draw_atoms(atoms, thresholds, guide, shift, start, first_word, room.cells)


@compiled
def add_leaf_at(out, places, arrays, leaf, start, first_word):  # type: ignore[no-untyped-def]
    """Add a variate to those of `out` at `places`; the word is that of the place."""
    columns = arrays.leaves[leaf]
    values = arrays.values[columns[_FIRST] : columns[_LAST]]
    if columns[_KIND] == _LINES:
        table = arrays.lines[columns[_FIRST] : columns[_LAST]]
        for place in places:
            random = word(start, first_word + place)
            tail = tail_of(random)
            at = cell_of(tail, random & uint64(1))
            out[place] += table[at] + table[at + uint64(1)] * tail
    elif columns[_KIND] == _CONSTANT:
        for place in places:
            out[place] += values[0]
    else:
        thresholds = arrays.thresholds[columns[_FIRST] : columns[_LAST]]
        guide = arrays.guides[columns[_GUIDE_FIRST] : columns[_GUIDE_LAST]]
        shift = uint64(columns[_SHIFT])
        for place in places:
            random = word(start, first_word + place)
            out[place] += values[atom_of(random, thresholds, guide, shift)]
