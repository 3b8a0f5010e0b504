"""Sobol indices of the product form of FAIR, in closed form.

Every leaf takes one value a year, its own and independent of the others; a year costs

    Y = sum over scenarios of  X_1 ... X_m  V  (P_1 + ... + P_n + B (Q_1 + ... + Q_k)),

X the factors of the frequency, V the vulnerability (1 or 0 where capability contests resistance),
P and Q the forms of primary and secondary loss, B the probability of a secondary one. What the
number of events adds by chance is nobody's estimate, and has no share.

With Y_i all factors but the i-th, the first-order index is the share of Var E(Y | X_i) =
(E Y_i)^2 Var X_i in Var Y, and the total index that of E Var(Y | all but X_i) = E Y_i^2 Var X_i.

Source: Sobol', Mathematics and Computers in Simulation 55 (2001), pp. 271-280, for the indices;
Saltelli et al., Global Sensitivity Analysis: The Primer (Wiley 2008), section 4, for their meaning.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.drivers.tornado import check_scenarios
from engines.prism.fair_node import CONTEST, FairNode, leaves_of, primary_node, secondary_node
from engines.prism.quadrature import nodes_of
from engines.prism.scenario import Contest, Scenario
from engines.prism.vulnerability import probability


@dataclass(frozen=True, kw_only=True)
class VarianceShare:
    """What one leaf contributes to the variance of the annual loss."""

    scenario: str
    node: FairNode
    first: float
    """The part of the variance that would go if the leaf were known."""
    total: float
    """The part that would stay if all but the leaf were known; more than `first` by what it does
    together with others."""


@dataclass(frozen=True)
class _Moments:
    """Of a factor: E X and Var X."""

    mean: float
    variance: float

    @property
    def square(self) -> float:
        return self.variance + self.mean**2


def variance_shares(scenarios: Mapping[str, Scenario]) -> tuple[VarianceShare, ...]:
    """Give the Sobol indices of every leaf, the largest total first; none if nothing varies.

    Raises `InvalidInput` where a leaf has no finite variance: then the indices do not exist.
    """
    check_scenarios(scenarios)
    parts = []
    variance = 0.0
    for i, (name, scenario) in enumerate(scenarios.items()):
        for node, leaf in leaves_of(scenario).items():
            if not math.isfinite(leaf.variance):
                expected = "a finite variance, without which there are no Sobol indices"
                raise InvalidInput(
                    f"scenarios.{i}.scenario.{node}", expected=expected, received="infinite"
                )
        of_scenario, leaves = _of(scenario)
        variance += of_scenario
        parts += [(name, node, first, total) for node, (first, total) in leaves.items()]
    if variance == 0:
        return ()
    shares = [
        VarianceShare(scenario=name, node=node, first=first / variance, total=total / variance)
        for name, node, first, total in parts
        if total > 0
    ]
    return tuple(sorted(shares, key=lambda share: -share.total))


def _of(scenario: Scenario) -> tuple[float, dict[FairNode, tuple[float, float]]]:
    """Give Var Y of a scenario, and for each leaf Var E(Y | X) and E Var(Y | all but X)."""
    leaves = leaves_of(scenario)
    moments = {node: _Moments(leaf.mean, leaf.variance) for node, leaf in leaves.items()}
    factors = {node: moments[node] for node in map(FairNode, scenario.frequencies)}
    success = _Moments(1.0, 0.0)
    if FairNode.VULNERABILITY in leaves:
        factors[FairNode.VULNERABILITY] = moments[FairNode.VULNERABILITY]
    elif scenario.vulnerability is not None:
        chance = probability(scenario.vulnerability)
        success = _Moments(chance, chance * (1 - chance))
    primary = [primary_node(form) for form in scenario.primary_losses]
    secondary = [] if scenario.secondary_loss is None else [
        secondary_node(form) for form in scenario.secondary_loss.losses
    ]  # fmt: skip
    share = moments.get(FairNode.SECONDARY_PROBABILITY, _Moments(0.0, 0.0))
    one_primary, one_secondary = (
        _sum(moments[n] for n in primary),
        _sum(moments[n] for n in secondary),
    )
    both = _product([share, one_secondary])
    loss = _Moments(one_primary.mean + both.mean, one_primary.variance + both.variance)
    rate = _product([*factors.values(), success])
    whole = _product([rate, loss])

    found = {
        node: _pair(_product([*(m for n, m in factors.items() if n is not node), success, loss]), m)
        for node, m in factors.items()
    }
    found |= {node: _pair(rate, moments[node]) for node in primary}
    if secondary:
        found[FairNode.SECONDARY_PROBABILITY] = _pair(_product([rate, one_secondary]), share)
        found |= {node: _pair(_product([rate, share]), moments[node]) for node in secondary}
    if CONTEST[0] in leaves:
        beside = _product([*factors.values(), loss])
        capability, resistance = (leaves[node] for node in CONTEST)
        found |= _of_contest(Contest(threat_capability=capability, resistance_strength=resistance),
                             beside, success.mean)  # fmt: skip
    return whole.variance, found


def _of_contest(
    contest: Contest, beside: _Moments, chance: float
) -> dict[FairNode, tuple[float, float]]:
    """With V = 1 where T > R: E(V | T) = F_R(T), E(V | R) = S_T(R), and Var(V | .) = p (1 - p)."""
    capability, weights = nodes_of(contest.threat_capability)
    given_capability = contest.resistance_strength.cdf(np.nextafter(capability, -np.inf))
    resistance, shares = nodes_of(contest.resistance_strength)
    given_resistance = contest.threat_capability.survival(resistance)
    square_of = {
        FairNode.THREAT_CAPABILITY: float(weights @ given_capability**2),
        FairNode.RESISTANCE_STRENGTH: float(shares @ given_resistance**2),
    }
    other = dict(zip(CONTEST, reversed(CONTEST), strict=True))
    return {
        node: (
            beside.mean**2 * max(0.0, square - chance**2),
            beside.square * max(0.0, chance - square_of[other[node]]),
        )
        for node, square in square_of.items()
    }


def _pair(beside: _Moments, leaf: _Moments) -> tuple[float, float]:
    return beside.mean**2 * leaf.variance, beside.square * leaf.variance


def _sum(terms: Iterable[_Moments]) -> _Moments:
    kept = list(terms)
    return _Moments(math.fsum(t.mean for t in kept), math.fsum(t.variance for t in kept))


def _product(factors: Iterable[_Moments]) -> _Moments:
    """Var XY = E X^2 E Y^2 - (E X E Y)^2, summed up without a difference of large numbers."""
    product = _Moments(1.0, 0.0)
    for factor in factors:
        product = _Moments(
            product.mean * factor.mean,
            product.variance * factor.square + product.mean**2 * factor.variance,
        )
    return product
