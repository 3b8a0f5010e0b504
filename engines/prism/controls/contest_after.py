"""Threat capability against resistance strength, after controls have moved either."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numba import njit

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
_TABLE: Final = 1024
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
    tables = _tables(contest)
    draws = np.stack(np.broadcast_arrays(scale, shift - raised, shrunk))
    distinct, place = np.unique(draws, axis=1, return_inverse=True)
    if np.array_equal(distinct, [[1.0], [0.0], [1.0]]):
        return np.full(draws.shape[1], tables.exact)
    after = np.minimum(tables.succeeds(distinct) * tables.correction, 1.0)
    return np.asarray(after[place.ravel()])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tables:
    """A contest, tabulated."""

    exact: float
    """P(T > R)."""
    values: Floats
    """Of slices of T, ascending."""
    weights: Floats
    grid: Floats
    """Values of R, ascending."""
    shares: Floats
    """The distribution function of R on the grid."""
    has_atoms: bool
    """Whether R has only the values of the grid, instead of all between them."""
    is_mirrored: bool
    """Whether T here is -R and R is -T, so that atoms are summed up and the curve is tabulated."""

    def succeeds(self, changes: Floats) -> Floats:
        """Give the probability of success for each scale of T, lead of T and scale of R (rows)."""
        scale, ahead, shrunk = np.ascontiguousarray(changes[::-1] if self.is_mirrored else changes)
        tables = self.values, self.weights, self.grid, self.shares, self.has_atoms
        return np.asarray(_succeeds(scale, ahead, shrunk, *tables))

    @cached_property
    def correction(self) -> float:
        """What the tables' answer for the unchanged contest is off by, as a factor."""
        unchanged = float(self.succeeds(np.array([[1.0], [0.0], [1.0]]))[0])
        ratio = self.exact / unchanged if unchanged > 0 else 1.0
        # Of what hardly ever succeeds the tables know too little to be corrected by it.
        return ratio if 0.99 < ratio < 1.01 else 1.0


@lru_cache(maxsize=64)
def _tables(contest: Contest) -> _Tables:
    capability, resistance = contest.threat_capability, contest.resistance_strength
    is_mirrored = isinstance(resistance, _Atoms) and not isinstance(capability, _Atoms)
    if is_mirrored:
        values, weights = nodes_of(resistance)
        values, weights = -values[::-1], weights[::-1]
        grid, shares = _distribution_function(capability)
        grid, shares = -grid[::-1], 1 - shares[::-1]
    elif isinstance(resistance, _Atoms):
        values, weights = nodes_of(capability)
        grid, probabilities = nodes_of(resistance)
        shares = np.cumsum(probabilities)
    else:
        values, weights = _slices(capability)
        grid, shares = _distribution_function(resistance)
    return _Tables(
        exact=probability(Vulnerability(of=contest, scope=VulnerabilityScope.SCALAR)),
        values=np.ascontiguousarray(values),
        weights=np.ascontiguousarray(weights),
        grid=np.ascontiguousarray(grid),
        shares=np.ascontiguousarray(shares),
        has_atoms=isinstance(resistance, _Atoms) and not is_mirrored,
        is_mirrored=is_mirrored,
    )


def _slices(distribution: Distribution) -> tuple[Floats, Floats]:
    if isinstance(distribution, _Atoms):
        return nodes_of(distribution)
    middles = (np.arange(_MIDPOINTS) + 0.5) / _MIDPOINTS
    return distribution.quantile(middles), np.full(_MIDPOINTS, 1 / _MIDPOINTS)


def _distribution_function(distribution: Distribution) -> tuple[Floats, Floats]:
    """Give values, ascending, and the probability below each: finest near 0 and 1."""
    tails = np.sin(np.linspace(0, np.pi / 4, _TABLE // 2 + 1)[1:]) ** 2
    lower, upper = tail_quantiles(distribution, tails)
    values = np.concatenate([lower, upper[-2::-1]])
    low, high = distribution.support
    ends = max(low, 2 * values[0] - values[-1]), min(high, 2 * values[-1] - values[0])
    shares = np.concatenate([[0.0], tails, 1 - tails[-2::-1], [1.0]])
    return np.concatenate([[ends[0]], values, [ends[1]]]), shares


@njit(cache=True)
def _succeeds(scale, ahead, shrunk, values, weights, grid, shares, has_atoms):  # type: ignore[no-untyped-def]
    """Give E P(R < (scale T + ahead) / shrunk). Capability ascends, so the grid is walked once."""
    out = np.zeros(scale.size)
    for draw in range(scale.size):
        at = 0  # values of the grid below x
        for i in range(values.size):
            lead = scale[draw] * values[i] + ahead[draw]
            x = np.inf if lead > 0.0 else -np.inf
            if shrunk[draw] > 0.0:
                x = lead / shrunk[draw]
            while at < grid.size and grid[at] < x:
                at += 1
            if at == 0:
                continue
            share = shares[at - 1]
            if not has_atoms and at < grid.size:
                width = grid[at] - grid[at - 1]
                share += (shares[at] - share) * (x - grid[at - 1]) / width
            out[draw] += weights[i] * share
    return out
