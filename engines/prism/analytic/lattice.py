"""Amounts on the points 0, step, 2 step, ... of a lattice.

Three roundings: to both neighbours so that the moments stay (the best estimate), and down or up
(the bracket). What lies beyond the lattice is left out: sums below its end do not need it.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from scipy.special import roots_legendre

from engines.prism.analytic.amount import Amount, Atoms
from engines.prism.distributions import Floats

_ROUGH_CELLS = 8
"""From zero on, where a density may vary within a cell of a coarse lattice."""
_POINTS, _WEIGHTS = (np.asarray(each) / 2 for each in roots_legendre(16))
_POINTS += 0.5  # over [0, 1], and the weights add up to 1


class Rounding(Enum):
    """Where an amount between two points goes."""

    KEEPING_MOMENTS = "keeping moments"
    DOWN = "down"
    UP = "up"


def smooth_weights(amount: Amount, step: float, cells: int, rounding: Rounding) -> Floats:
    """Give the weights of the points 0 to cells - 1 that stand for all but the atoms.

    The weights that keep the mean are second differences of the limited mean (Klugman, Panjer and
    Willmot, Loss Models, 4th ed., section 9.6.5, "Constructing arithmetic distributions": the
    method of local moment matching). They add to the second moment of each cell what the trapezoid
    rule adds to the integral of the limited mean; taking that off again at four points around the
    cell makes the error of smooth functions one of the fourth order. Some weights then are
    slightly negative.
    """
    points = step * np.arange(cells + 3.0)
    if rounding is not Rounding.KEEPING_MOMENTS:
        falls = -np.diff(_smooth_survival(amount, points[: cells + 1]), prepend=_share(amount))
        return falls[1:] if rounding is Rounding.DOWN else falls[:-1]
    limited = _smooth_limited_mean(amount, points)
    weights = np.empty(cells + 2)
    weights[0] = _share(amount) - limited[1] / step
    weights[1:] = -np.diff(limited, 2) / step
    excess = np.empty(cells + 1)
    excess[1:] = (step**2 / 12) * (weights[1:-1] + weights[2:])
    rough = _rough_integrals(amount, step)
    ends = limited[: _ROUGH_CELLS + 1]
    excess[:_ROUGH_CELLS] = 2 * rough - step * (ends[:-1] + ends[1:])
    shift = excess / (4 * step**2)
    weights[:3] += shift[0] * np.array([-2.0, 4.0, -2.0])
    weights[:-3] -= shift[1:-1]
    weights[1:-2] += shift[1:-1]
    weights[2:-1] += shift[1:-1]
    weights[3:] -= shift[1:-1]
    return weights[:cells]


def atom_weights(atoms: Atoms, step: float, cells: int, rounding: Rounding) -> Floats:
    """Give the weights of the points 0 to cells - 1 that stand for the atoms.

    An atom on a point stays there; one between two points keeps its mean, or goes down or up.
    """
    values, weights = atoms
    places = values / step
    nearest = np.rint(places)
    places = np.where(np.abs(places - nearest) < 1e-9 * np.maximum(nearest, 1), nearest, places)
    inside = places < cells + 1
    places, weights = np.asarray(places[inside], dtype=np.float64), weights[inside]
    low, high = np.floor(places).astype(np.int64), np.ceil(places).astype(np.int64)
    share = {
        Rounding.KEEPING_MOMENTS: places - low,
        Rounding.DOWN: np.zeros_like(places),
        Rounding.UP: (high > low).astype(np.float64),
    }[rounding]
    length = cells + 2
    return np.asarray(
        np.bincount(low, weights * (1 - share), length)
        + np.bincount(high, weights * share, length),
        dtype=np.float64)[:cells]  # fmt: skip


def _share(amount: Amount) -> float:
    return max(0.0, 1 - float(amount.atoms[1].sum()))


def _smooth_limited_mean(amount: Amount, x: Floats) -> Floats:
    values, weights = amount.atoms
    limited = amount.limited_mean(x)
    if values.size:
        order = np.argsort(values)
        values, weights = values[order], weights[order]
        at = np.searchsorted(values, x, side="right")
        below = np.concatenate([[0.0], np.cumsum(values * weights)])
        mass = np.concatenate([[0.0], np.cumsum(weights)])
        limited = limited - below[at] - x * (mass[-1] - mass[at])
    return limited


def _smooth_survival(amount: Amount, x: Floats) -> Floats:
    values, weights = amount.atoms
    order = np.argsort(values)
    mass = np.concatenate([[0.0], np.cumsum(weights[order])])
    atoms_above = mass[-1] - mass[np.searchsorted(values[order], x, side="right")]
    return np.asarray(np.maximum(amount.survival(x) - atoms_above, 0.0))


def _rough_integrals(amount: Amount, step: float) -> Floats:
    """Integrate the limited mean over the first cells, as if all happened near zero."""
    first = step * _POINTS**4
    others = step * (np.arange(1, _ROUGH_CELLS)[:, None] + _POINTS)
    limited = _smooth_limited_mean(amount, np.concatenate([first, others.ravel()]))
    near_zero = step * (4 * _POINTS**3 * limited[: first.size]) @ _WEIGHTS
    return np.append(near_zero, step * limited[first.size :].reshape(others.shape) @ _WEIGHTS)
