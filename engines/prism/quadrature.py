"""Expectations over a distribution as weighted sums over a few of its values."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
from scipy.special import roots_jacobi

from engines.prism.distributions import (
    Beta,
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Floats,
    NegativeBinomial,
    Pert,
    Poisson,
    Triangular,
)

NEGLIGIBLE: Final = 1e-16
"""Probability left out at either end."""

MOST_ATOMS: Final = 100_000
"""Whole numbers that are taken one by one; more are as good as smooth."""

_PANEL_RATIO: Final = 4.0
"""Panels shrink by this towards probability 0 and 1, where quantiles of heavy tails run away."""
_LARGEST_SHAPES: Final = 1002.0
"""Of a beta, added up. From 1025 SciPy's Gauss-Jacobi weights overflow."""


def nodes_of(
    distribution: Distribution, *, breaks: Iterable[float] = (), resolution: int = 24
) -> tuple[Floats, Floats]:
    """Give values and weights, summing to 1, such that E f(X) is nearly the weighted sum of f.

    Exact for atoms; Gauss-Jacobi for PERT and beta; else composite Gauss-Legendre over the
    probability. `breaks` are values at which f has a kink; `resolution` is how many times over the
    bulk of the distribution f may turn.

    Source: Davis and Rabinowitz, Methods of Numerical Integration (2nd ed., Academic Press 1984),
    chapter 2.
    """
    breaks = tuple(breaks)
    nodes = min(max(resolution // 8, 10), 40)
    match distribution:
        case Constant():
            return np.array([distribution.value]), np.ones(1)
        case Empirical():
            return _atoms(distribution, np.unique(distribution.values))
        case Poisson() | NegativeBinomial() | Binomial():
            return _integers(distribution, nodes)
        case Pert():
            return nodes_of(distribution.as_beta, breaks=breaks, resolution=resolution)
        case Beta(alpha, beta) if not breaks and alpha + beta <= _LARGEST_SHAPES:
            return _jacobi(distribution, resolution)
        case Triangular():
            breaks = (*breaks, distribution.mode)
    return _composite(distribution, breaks, nodes)


def _integers(distribution: Distribution, nodes: int) -> tuple[Floats, Floats]:
    ends = np.array([NEGLIGIBLE])
    first = float(distribution.quantile(ends)[0])
    last = float(distribution.upper_quantile(ends)[0])
    if last - first > MOST_ATOMS:
        return _composite(distribution, (), nodes)
    return _atoms(distribution, np.arange(first, last + 1))


def _atoms(distribution: Distribution, values: Floats) -> tuple[Floats, Floats]:
    weights = np.diff(distribution.cdf(values), prepend=0.0)
    return values, weights / weights.sum()


def _jacobi(distribution: Beta, count: int) -> tuple[Floats, Floats]:
    low, high = distribution.support
    places, weights = _jacobi_rule(count, distribution.alpha, distribution.beta)
    return low + (high - low) * places, weights


@cache
def _jacobi_rule(count: int, alpha: float, beta: float) -> tuple[Floats, Floats]:
    places, weights = roots_jacobi(count, beta - 1, alpha - 1)
    return (places + 1) / 2, weights / weights.sum()


def _composite(
    distribution: Distribution, breaks: tuple[float, ...], nodes: int
) -> tuple[Floats, Floats]:
    at = np.array([each for each in breaks if np.isfinite(each)], dtype=np.float64)
    lower, lower_weights = _panels(distribution.cdf(at), nodes)
    upper, upper_weights = _panels(distribution.survival(at), nodes)
    values = [distribution.quantile(lower), distribution.upper_quantile(upper)[::-1]]
    weights = np.concatenate([lower_weights, upper_weights[::-1]])
    return np.concatenate(values), weights / weights.sum()


def _panels(breaks: Floats, nodes: int) -> tuple[Floats, Floats]:
    """Give nodes and weights over probabilities from `NEGLIGIBLE` to 1/2, ascending."""
    count = int(np.ceil(np.log(0.5 / NEGLIGIBLE) / np.log(_PANEL_RATIO)))
    edges = 0.5 * _PANEL_RATIO ** -np.arange(count, -1, -1.0)
    inside = breaks[(breaks > edges[0]) & (breaks < 0.5)]
    edges = np.unique(np.concatenate([edges, inside]))
    places, weights = _legendre_rule(nodes)
    half = np.diff(edges)[:, None] / 2
    at = edges[:-1, None] + half * (1 + places)
    return at.ravel(), (half * weights).ravel()


@cache
def _legendre_rule(count: int) -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(count)
