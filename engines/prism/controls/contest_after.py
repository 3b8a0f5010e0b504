"""Threat capability against resistance strength, after controls have moved either."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from engines.prism.distributions import (
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Floats,
    NegativeBinomial,
    Poisson,
)
from engines.prism.quadrature import nodes_of
from engines.prism.quasi_monte_carlo.quantile_curve import tail_quantiles
from engines.prism.scenario import Contest, Vulnerability, VulnerabilityScope
from engines.prism.vulnerability import probability

_MIDPOINTS: Final = 256
"""Equally likely slices of threat capability: the probability is right to about 1e-5."""

_TABLE: Final = 4096
"""Cells of a distribution function. A beta's own takes microseconds a value, its table a few ns."""

_Atoms = Constant | Empirical | Poisson | NegativeBinomial | Binomial

Affine = tuple[Floats, Floats]
"""What a value is multiplied by, then what is added, for each draw of the effects."""


def contest_after(contest: Contest, *, capability: Affine, resistance: Affine) -> Floats:
    """Give P(a T + s > b R + c) for each draw (a, s) and (b, c) of the changes.

    E F_R((a T + s - c) / b), by the midpoint rule over the probability of T, corrected by its
    relative error for the unchanged contest, which is known exactly.
    """
    scale, shift = capability
    shrunk, raised = resistance
    exact, values, weights, weaker_than = _tables(contest)
    draws = np.stack(np.broadcast_arrays(scale, shift - raised, shrunk))
    distinct, place = np.unique(draws, axis=1, return_inverse=True)
    if np.array_equal(distinct, [[1.0], [0.0], [1.0]]):
        return np.full(draws.shape[1], exact)

    def succeeds(scale: Floats, ahead: Floats, shrunk: Floats) -> Floats:
        left = scale[:, None] * values + ahead[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            against = np.where(shrunk[:, None] > 0, left / shrunk[:, None], left * np.inf)
        weaker = np.nextafter(np.nan_to_num(against, nan=-np.inf, posinf=np.inf), -np.inf)
        return np.asarray(weaker_than(weaker) @ weights)

    unchanged = float(succeeds(np.ones(1), np.zeros(1), np.ones(1))[0])
    correction = exact / unchanged if unchanged > 0 else 1.0
    after = np.minimum(succeeds(*distinct) * correction, 1.0)
    return np.asarray(after[place.ravel()])


@lru_cache(maxsize=64)
def _tables(contest: Contest) -> tuple[float, Floats, Floats, Callable[[Floats], Floats]]:
    """Give P(T > R), slices of T with their weights, and the distribution function of R."""
    exact = probability(Vulnerability(of=contest, scope=VulnerabilityScope.SCALAR))
    capability = contest.threat_capability
    if isinstance(capability, _Atoms):
        return exact, *nodes_of(capability), _cdf(contest.resistance_strength)
    middles = (np.arange(_MIDPOINTS) + 0.5) / _MIDPOINTS
    weights = np.full(_MIDPOINTS, 1 / _MIDPOINTS)
    return exact, capability.quantile(middles), weights, _cdf(contest.resistance_strength)


def _cdf(distribution: Distribution) -> Callable[[Floats], Floats]:
    """Give the distribution function: of atoms itself, else a table finest near 0 and 1."""
    if isinstance(distribution, _Atoms):
        return distribution.cdf
    tails = np.sin(np.linspace(0, np.pi / 4, _TABLE // 2 + 1)[1:]) ** 2
    lower, upper = tail_quantiles(distribution, tails)
    values = np.concatenate([lower, upper[-2::-1]])
    low, high = distribution.support
    ends = max(low, 2 * values[0] - values[-1]), min(high, 2 * values[-1] - values[0])
    grid = np.concatenate([[ends[0]], values, [ends[1]]])
    shares = np.concatenate([[0.0], tails, 1 - tails[-2::-1], [1.0]])
    return lambda x: np.interp(x, grid, shares)
