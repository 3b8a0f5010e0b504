"""Second moments of amounts, and of the parts that a layer makes of them."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import roots_legendre

from engines.prism.analytic.amount import Amount, Ceded, Leaf
from engines.prism.analytic.event_cost import EventCost
from engines.prism.distributions import Floats
from engines.prism.insurance import Layer

_POINTS, _WEIGHTS = (np.asarray(each) / 2 for each in roots_legendre(16))
_POINTS += 0.5  # over [0, 1], and the weights add up to 1
_HALVINGS = 60


def limited_square(amount: Amount, x: float, square: float) -> float:
    """Give E min(X, x)^2; `square` is E X^2."""
    if math.isinf(x):
        return square
    if x == 0:
        return 0.0
    values, weights = amount.atoms
    if math.isinf(amount.scale):
        return float(weights @ np.minimum(values, x) ** 2 + (1 - weights.sum()) * x**2)
    if isinstance(amount, EventCost):
        return float(amount.limited_square(np.array([x]))[0])
    edges = x * 0.5 ** np.arange(_HALVINGS, -1, -1.0)
    if isinstance(amount, Leaf):
        kinks = [*amount.distribution.support, getattr(amount.distribution, "mode", 0.0)]
        edges = np.unique(np.concatenate([edges, [each for each in kinks if 0 < each < x]]))
    return float(_integral(amount, edges))


def ceded_square(amount: Amount, layer: Layer, square: float) -> float:
    """Give E Y^2 of the part Y in a layer; `square` is that of the whole.

    With g(x) the square of what the layer pays, E g(X) is the integral of g'(x) P(X > x).
    """
    low, high = layer.deductible, layer.deductible + layer.limit
    rise = limited_square(amount, high, square) - limited_square(amount, low, square)
    return rise - 2 * low * Ceded(amount, layer).mean


def retained_square(amount: Amount, layer: Layer, square: float) -> float:
    """Give E Y^2 of the part Y that a layer leaves; `square` is that of the whole."""
    low, high = layer.deductible, layer.deductible + layer.limit
    below = limited_square(amount, low, square)
    if math.isinf(high):
        return below
    beyond = amount.mean - float(amount.limited_mean(np.array([high]))[0])
    return below + square - limited_square(amount, high, square) - 2 * layer.limit * beyond


def _integral(amount: Amount, edges: Floats) -> Floats:
    """Integrate 2 x P(X > x) over the panels between the edges, and from 0 to the first."""
    edges = np.concatenate([[0.0], edges])
    widths = np.diff(edges)[:, None]
    x = edges[:-1, None] + widths * _POINTS
    return np.asarray(
        (2 * x * amount.survival(x.ravel()).reshape(x.shape) * widths * _WEIGHTS).sum()
    )
