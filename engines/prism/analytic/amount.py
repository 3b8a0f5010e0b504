"""What the lattice needs to know of a random amount: its smooth part, and its atoms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

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
from engines.prism.insurance import Layer
from engines.prism.quadrature import nodes_of

Atoms = tuple[Floats, Floats]
"""Values with a probability of their own, and those probabilities."""

NO_ATOMS: Atoms = (np.zeros(0), np.zeros(0))


class Amount(Protocol):
    """A random amount of money, never negative, of finite mean."""

    @property
    def mean(self) -> float:
        """The expected value."""

    @property
    def atoms(self) -> Atoms:
        """The values with a probability of their own; all values, or none, or some."""

    def survival(self, x: Floats) -> Floats:
        """P(X > x)."""

    def limited_mean(self, x: Floats) -> Floats:
        """E min(X, x)."""

    @property
    def scale(self) -> float:
        """How far apart two points must be to see different densities; infinite for atoms."""

    @property
    def centre(self) -> float:
        """The median, or so."""

    @property
    def width(self) -> float:
        """How far around the centre the usual values are; infinite for atoms."""


@dataclass(frozen=True)
class Leaf:
    """An amount given by its distribution."""

    distribution: Distribution

    @property
    def mean(self) -> float:
        return self.distribution.mean

    @cached_property
    def atoms(self) -> Atoms:
        match self.distribution:
            case Constant() | Empirical() | Poisson() | NegativeBinomial() | Binomial():
                return nodes_of(self.distribution)
        return NO_ATOMS

    def survival(self, x: Floats) -> Floats:
        return self.distribution.survival(x)

    def limited_mean(self, x: Floats) -> Floats:
        return self.distribution.limited_mean(x)

    @cached_property
    def centre(self) -> float:
        return float(self.distribution.quantile(np.array([0.5]))[0])

    @property
    def scale(self) -> float:
        return math.inf if self.atoms[0].size else min(self._low or math.inf, self.width)

    @property
    def width(self) -> float:
        return math.inf if self.atoms[0].size else self.centre - self._low

    @cached_property
    def _low(self) -> float:
        return float(self.distribution.quantile(np.array([0.1]))[0])


@dataclass(frozen=True)
class Ceded:
    """The part of an amount that falls in a layer."""

    whole: Amount
    layer: Layer

    @cached_property
    def mean(self) -> float:
        return float(self.limited_mean(np.array([np.inf]))[0])

    @cached_property
    def atoms(self) -> Atoms:
        low, high = self.layer.deductible, self.layer.deductible + self.layer.limit
        values, weights = self.whole.atoms
        inside = (values > low) & (values < high)
        below, beyond = 1 - _survival(self.whole, low), _reaching(self.whole, high)
        all_values = np.concatenate([[0.0], values[inside] - low, [self.layer.limit]])
        all_weights = np.concatenate([[below], weights[inside], [beyond]])
        return all_values[all_weights > 0], all_weights[all_weights > 0]

    def survival(self, x: Floats) -> Floats:
        return np.where(x < self.layer.limit, self.whole.survival(x + self.layer.deductible), 0.0)

    def limited_mean(self, x: Floats) -> Floats:
        low = np.full_like(x, self.layer.deductible)
        high = low + np.minimum(x, self.layer.limit)
        return self.whole.limited_mean(high) - self.whole.limited_mean(low)

    @property
    def centre(self) -> float:
        return float(self.layer.pays(np.array([self.whole.centre]))[0])

    @property
    def width(self) -> float:
        return self.whole.width

    @property
    def scale(self) -> float:
        return (
            min(self.whole.scale, self.layer.limit / 8) if self.whole.scale < math.inf else math.inf
        )


@dataclass(frozen=True)
class Retained:
    """What a layer leaves of an amount."""

    whole: Amount
    layer: Layer

    @cached_property
    def mean(self) -> float:
        return self.whole.mean - Ceded(self.whole, self.layer).mean

    @cached_property
    def atoms(self) -> Atoms:
        low, high = self.layer.deductible, self.layer.deductible + self.layer.limit
        values, weights = self.whole.atoms
        below, beyond = values < low, values > high
        at_low = _reaching(self.whole, low) - _survival(self.whole, high)
        all_values = np.concatenate([values[below], [low], values[beyond] - self.layer.limit])
        all_weights = np.concatenate([weights[below], [at_low], weights[beyond]])
        return all_values[all_weights > 0], all_weights[all_weights > 0]

    def survival(self, x: Floats) -> Floats:
        return self.whole.survival(np.where(x < self.layer.deductible, x, x + self.layer.limit))

    def limited_mean(self, x: Floats) -> Floats:
        low = self.layer.deductible
        high = np.full_like(x, low + self.layer.limit)
        above = np.maximum(x - low, 0)
        return (
            self.whole.limited_mean(np.minimum(x, low))
            + self.whole.limited_mean(high + above)
            - self.whole.limited_mean(high)
        )

    @property
    def centre(self) -> float:
        return self.whole.centre - Ceded(self.whole, self.layer).centre

    @property
    def width(self) -> float:
        return self.whole.width

    @property
    def scale(self) -> float:
        within = self.layer.deductible / 8 or math.inf
        return min(self.whole.scale, within) if self.whole.scale < math.inf else math.inf


def _survival(amount: Amount, x: float) -> float:
    return float(amount.survival(np.array([x]))[0])


def _reaching(amount: Amount, x: float) -> float:
    """Give P(X >= x)."""
    values, weights = amount.atoms
    return _survival(amount, x) + float(weights[values == x].sum())
