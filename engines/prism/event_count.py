"""How many loss events a year has: exactly, whatever is uncertain about their rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution, Floats
from engines.prism.power_series import power_series
from engines.prism.quadrature import nodes_of
from engines.prism.scenario import (
    BernoulliCount,
    CountModel,
    NegativeBinomialCount,
    PoissonCount,
    Scenario,
)
from engines.prism.vulnerability import yearly_values

MAX_MEAN: Final = 1e6
"""Loss events a year, on average. Beyond, a scenario is a cost, not a risk."""
MAX_COUNT: Final = 5_000_000
"""Of events in the dearest year that is not negligible."""

_NEGLIGIBLE = 1e-18
_CELL = 0.05
"""Of the square root of a rate: a tenth of the standard deviation of its Poisson count."""
_MAX_CELLS = 2000
_MANY_VALUES = 5000
"""Of one factor: with as many of another they would fill the memory."""


@dataclass(frozen=True)
class EventCount:
    """The number N of loss events in a year: a count whose own mean, the rate, is random.

    The rate takes `rates` with probabilities `weights`, ascending; given the rate, N follows the
    `model`.
    """

    rates: Floats
    weights: Floats
    model: CountModel

    @property
    def mean(self) -> float:
        """E N."""
        return float(self.weights @ self.rates)

    @property
    def variance(self) -> float:
        """Var N = E Var(N | rate) + Var E(N | rate)."""
        mean = self.mean
        between = float(self.weights @ (self.rates - mean) ** 2)
        match self.model:
            case PoissonCount():
                within = mean
            case NegativeBinomialCount(size=size):
                within = mean + float(self.weights @ self.rates**2) / size
            case BernoulliCount():
                within = float(self.weights @ (self.rates * (1 - self.rates)))
        return within + between

    @cached_property
    def probabilities(self) -> tuple[int, Floats]:
        """The smallest number that is not negligible, and P(N = n) from there on, summing to 1.

        Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), sections 6.2 and
        6.3, mixed over the rate as in section 6.10 (mixed-frequency distributions).
        """
        if isinstance(self.model, BernoulliCount):
            return 0, np.array([1 - self.mean, self.mean])
        probabilities = _mixture(self.rates, self.weights, self._size, self.reach + 1)
        likely = np.flatnonzero(probabilities > _NEGLIGIBLE)
        first = int(likely[0])
        kept = probabilities[first : likely[-1] + 1]
        return first, kept / math.fsum(kept)

    @property
    def reach(self) -> int:
        """A number of loss events that no year exceeds but with negligible probability."""
        highest, size = float(self.rates[-1]), self._size
        deviation = math.sqrt(highest + highest**2 / size)
        return math.ceil(highest + 40 * deviation + 60 * (1 + highest / size))

    @property
    def _size(self) -> float:
        return self.model.size if isinstance(self.model, NegativeBinomialCount) else math.inf

    def pgf(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """E z^N, for |z| <= 1."""
        first, probabilities = self.probabilities
        return power_series(first, probabilities, z)

    def pgf_derivative(self, z: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """E N z^(N-1), for |z| <= 1."""
        first, probabilities = self.probabilities
        weighted = probabilities * np.arange(first, first + probabilities.size)
        if first == 0:
            first, weighted = 1, weighted[1:]
        return power_series(first - 1, weighted, z)

    def probability_of_some(self, share: Floats) -> Floats:
        """Give P(at least one event is of a kind that each event is with probability `share`).

        1 - E (1 - share)^N = share * sum over n from 0 of P(N > n) (1 - share)^n: only positive
        terms, so that small probabilities keep their digits.
        """
        first, probabilities = self.probabilities
        beyond = np.cumsum(probabilities[::-1])[::-1] - probabilities
        others = 1 - share
        with np.errstate(divide="ignore"):
            surely = -np.expm1(first * np.log1p(-share)) if first else np.zeros_like(share)
        rest = power_series(0, np.maximum(beyond, 0.0), others.astype(np.complex128)).real
        return np.asarray(np.minimum(surely + share * others**first * rest, 1.0))


def event_count(scenario: Scenario) -> EventCount:
    """Give the number of loss events of a year of `scenario`. Raises `InvalidInput` if too many."""
    rates, weights = np.ones(1), np.ones(1)
    turns = math.sqrt(math.prod(_highest(each) for each in scenario.frequencies.values()))
    # A Poisson count turns about once in the square root of its rate.
    resolution = int(min(max(24.0, 2 * turns), 2000.0))
    factors = [nodes_of(each, resolution=resolution) for each in scenario.frequencies.values()]
    if scenario.vulnerability is not None:
        factors.append(yearly_values(scenario.vulnerability))
    for values, shares in factors:
        if values.size > _MANY_VALUES:
            # On the scale of the rate that they are a factor of.
            scale = turns**2 / float(values[-1])
            values, shares = _reduced(values * scale, shares)
            values /= scale
        rates, weights = _reduced(
            np.outer(rates, values).ravel(), np.outer(weights, shares).ravel()
        )
    count = EventCount(rates, weights, scenario.count)
    if count.mean > MAX_MEAN or count.reach > MAX_COUNT:
        raise InvalidInput(
            next(iter(scenario.frequencies)),
            expected=f"at most {MAX_MEAN:g} loss events a year on average, {MAX_COUNT:g} at worst",
            received=f"{count.mean:g} on average, {count.reach:g} at worst",
        )
    return count


def _highest(factor: Distribution) -> float:
    """Give what a factor of the rate exceeds once in a billion years."""
    return float(factor.upper_quantile(np.array([1e-9]))[0])


def _reduced(rates: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Give fewer rates of the same distribution, as far as counts can tell.

    In cells a tenth of a Poisson standard deviation wide, the rates are replaced by the two of
    Gauss's quadrature, which keep the cell's moments up to the third.

    Source: Golub and Welsch, Mathematics of Computation 23 (1969), pp. 221-230, for two nodes.
    """
    order = np.argsort(rates, kind="stable")
    rates, weights = rates[order], weights[order]
    kept = weights > 0
    rates, weights = rates[kept], weights[kept]
    span = math.sqrt(rates[-1]) - math.sqrt(rates[0])
    width = max(_CELL, span / _MAX_CELLS)
    cells = np.floor((np.sqrt(rates) - math.sqrt(rates[0])) / width).astype(np.int64)
    _, starts = np.unique(cells, return_index=True)
    if rates.size <= 2 * starts.size:
        return rates, weights
    mass = np.add.reduceat(weights, starts)
    centre = np.add.reduceat(weights * rates, starts) / mass
    off = rates - np.repeat(centre, np.diff(np.append(starts, rates.size)))
    second = np.add.reduceat(weights * off**2, starts) / mass
    third = np.add.reduceat(weights * off**3, starts) / mass
    with np.errstate(divide="ignore", invalid="ignore"):
        skew = np.where(second > 0, third / (2 * second), 0.0)
    reach = np.sqrt(skew**2 + second)
    low, high = skew - reach, skew + reach
    with np.errstate(divide="ignore", invalid="ignore"):
        share_low = np.where(reach > 0, high / (2 * reach), 0.5)
    pairs = np.stack([centre + low, centre + high], axis=1).ravel()
    shares = np.stack([mass * share_low, mass * (1 - share_low)], axis=1).ravel()
    return np.maximum(pairs, 0.0), shares


@njit(cache=True)
def _mixture(rates, weights, size, length):  # type: ignore[no-untyped-def]
    """Sum up weights times Poisson (size infinite) or negative binomial probabilities."""
    out = np.zeros(length)
    for k in range(rates.size):
        rate, weight = rates[k], weights[k]
        if rate <= 0.0:
            out[0] += weight
            continue
        poisson = math.isinf(size)
        q = 0.0 if poisson else rate / (size + rate)
        mode = int(rate) if poisson else max(0, int((size - 1.0) * rate / size))
        if poisson:
            peak = mode * math.log(rate) - rate - math.lgamma(mode + 1.0)
        else:
            peak = (
                math.lgamma(mode + size)
                - math.lgamma(size)
                - math.lgamma(mode + 1.0)
                + size * math.log(size / (size + rate))
                + mode * math.log(q)
            )
        at_mode = weight * math.exp(peak)
        term = at_mode
        for n in range(mode, length):
            if term < 1e-22:
                break
            out[n] += term
            term *= rate / (n + 1.0) if poisson else q * (n + size) / (n + 1.0)
        term = at_mode
        for n in range(mode, 0, -1):
            term *= n / rate if poisson else n / (q * (n - 1.0 + size))
            if term < 1e-22:
                break
            out[n - 1] += term
    return out
