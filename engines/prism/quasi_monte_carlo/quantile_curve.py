"""A quantile function read from a table, right to a millionth of what 99.8% of years can hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

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
)
from engines.prism.monte_carlo.beta_quantiles import beta_quantiles

_CELLS: Final = 1 << 13
"""On either side of the median."""


def quantile_curve(distribution: Distribution) -> Callable[[Floats], Floats]:
    """Give the quantile function, for probabilities in (0, 1).

    Straight lines over cells that shrink towards both ends as sin^2 does; beyond the outermost, at
    a tail probability of 2e-8, and wherever there are atoms, the distribution answers itself.
    """
    if isinstance(distribution, Constant | Empirical | Poisson | NegativeBinomial | Binomial):
        return distribution.quantile
    tails = np.sin(np.linspace(0, np.pi / 4, _CELLS + 1)[1:]) ** 2
    lower, upper = tail_quantiles(distribution, tails)
    low, high = distribution.support

    def quantile(p: Floats) -> Floats:
        beyond = 1 - p
        left, right = np.interp(p, tails, lower), np.interp(beyond, tails, upper)
        values = np.where(p < 0.5, left, right)
        outer = np.flatnonzero(p < tails[0])
        values[outer] = distribution.quantile(p[outer])
        outer = np.flatnonzero(beyond < tails[0])
        values[outer] = distribution.upper_quantile(beyond[outer])
        return np.clip(values, low, high)

    return quantile


def tail_quantiles(distribution: Distribution, tails: Floats) -> tuple[Floats, Floats]:
    """Give the quantile and the upper quantile at ascending tail probabilities up to 1/2."""
    if isinstance(distribution, Pert):
        return beta_quantiles(distribution.as_beta, tails)
    if isinstance(distribution, Beta):
        return beta_quantiles(distribution, tails)
    return distribution.quantile(tails), distribution.upper_quantile(tails)
