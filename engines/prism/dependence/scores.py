"""A block of years from independent draws to the scenarios' dependent scores, in place.

Shapes: `scores` is (scenarios, years), what is shared by the scenarios of a year is (years,). Every
loop runs over years with + - * / and table lookups alone, element by element: compiled for any
x86-64 processor, in SIMD or not, it gives the same bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from engines.prism.dependence.score_link import T_CELLS_PER_OCTAVE
from engines.prism.monte_carlo.compiled import compiled

_SLICE: Final = 512
"""Years whose normals, of many scenarios, stay in a core's cache."""
_T_SHIFT: Final = np.uint64(53 - T_CELLS_PER_OCTAVE.bit_length())
_T_FRACTION: Final = np.uint64((1 << int(_T_SHIFT)) - 1)
_T_CELL: Final = 1.0 / (1 << int(_T_SHIFT))
_ONE: Final = int(np.float64(1).view(np.uint64) >> _T_SHIFT)


@compiled
def correlate(scores, factor):  # type: ignore[no-untyped-def]
    """Turn independent normals z into `factor` z."""
    row = np.empty(_SLICE)
    for first in range(0, scores.shape[1], _SLICE):
        last = min(first + _SLICE, scores.shape[1])
        for k in range(scores.shape[0] - 1, -1, -1):
            row[:] = 0.0
            for j in range(k + 1):
                weight = factor[k, j]
                if weight != 0.0:
                    normals = scores[j, first:last]
                    for i in range(normals.size):
                        row[i] += weight * normals[i]
            scores[k, first:last] = row[: last - first]


@compiled
def score_student_t(scores, scale, link, row):  # type: ignore[no-untyped-def]
    """Turn correlated normals z into the scores of t = z `scale`: see `student_t_link`."""
    bits = row.view(np.uint64)
    last = link.size - 2
    for k in range(scores.shape[0]):
        scenario = scores[k]
        for i in range(row.size):
            row[i] = 1.0 + abs(scenario[i] * scale[i])
        for i in range(row.size):
            cell = np.int64(bits[i] >> _T_SHIFT) - _ONE
            part = np.float64(np.int64(bits[i] & _T_FRACTION)) * _T_CELL
            if cell > last:
                cell, part = last, np.float64(1.0)
            score = link[cell] + part * (link[cell + 1] - link[cell])
            scenario[i] = score if scenario[i] > 0.0 else -score


@compiled
def score_archimedean(scores, log_frailty, start, per_unit, link):  # type: ignore[no-untyped-def]
    """Turn logarithms of independent exponentials E into the scores of psi(E / V)."""
    end = np.float64(link.size - 1)
    for k in range(scores.shape[0]):
        scenario = scores[k]
        for i in range(log_frailty.size):
            place = (scenario[i] - log_frailty[i] - start) * per_unit
            place = min(max(place, 0.0), end)
            cell = min(np.int64(place), link.size - 2)
            scenario[i] = link[cell] + (place - cell) * (link[cell + 1] - link[cell])


@compiled
def logarithm(values, nodes):  # type: ignore[no-untyped-def]
    """Replace numbers from 1 up by their natural logarithms, to 1e-8.

    `nodes` are log(1 + i / n) for i from 0 to n: the exponent, and a table for the fraction.
    """
    bits = values.view(np.uint64)
    cells = nodes.size - 1
    for i in range(values.size):
        exponent = np.int64(bits[i] >> np.uint64(52)) - 1023
        fraction = np.float64(np.int64(bits[i] & np.uint64((1 << 52) - 1))) * 2.0**-52
        place = fraction * cells
        cell = np.int64(place)
        part = nodes[cell] + (place - cell) * (nodes[cell + 1] - nodes[cell])
        values[i] = exponent * nodes[cells] + part
