"""Values as they were observed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_range


@dataclass(frozen=True)
class Empirical:
    """The distribution that takes each of `values` with a probability in proportion to its weight.

    No value between two observed ones, or beyond them, ever comes: the distribution function is the
    step function of the sample. Without weights all count the same.
    """

    values: tuple[float, ...]
    weights: tuple[float, ...] | None = None

    MOST_VALUES: ClassVar[int] = 100_000

    def __post_init__(self) -> None:
        if not 1 <= len(self.values) <= self.MOST_VALUES:
            expected = f"1 to {self.MOST_VALUES} numbers"
            raise InvalidInput("values", expected=expected, received=f"{len(self.values)}")
        for value in self.values:
            check_range("values", value)
        if self.weights is None:
            return
        if len(self.weights) != len(self.values):
            expected = f"one for each of the {len(self.values)} values"
            raise InvalidInput("weights", expected=expected, received=f"{len(self.weights)}")
        for weight in self.weights:
            check_range("weights", weight)
        if not any(self.weights):
            raise InvalidInput("weights", expected="at least one above 0", received="only zeros")

    @cached_property
    def mean(self) -> float:
        return math.fsum(self._atoms * self._probabilities)

    @cached_property
    def variance(self) -> float:
        return math.fsum((self._atoms - self.mean) ** 2 * self._probabilities)

    @property
    def support(self) -> tuple[float, float]:
        return float(self._atoms[0]), float(self._atoms[-1])

    def cdf(self, x: Floats) -> Floats:
        return self._below[np.searchsorted(self._atoms, x, side="right")]

    def survival(self, x: Floats) -> Floats:
        return self._above[np.searchsorted(self._atoms, x, side="right")]

    def quantile(self, p: Floats) -> Floats:
        return self._atoms[np.searchsorted(self._below[1:-1], p, side="left")]

    def upper_quantile(self, p: Floats) -> Floats:
        return self._atoms[np.searchsorted(-self._above[1:-1], -p, side="left")]

    def limited_mean(self, x: Floats) -> Floats:
        finite = np.where(np.isinf(x), 0, x)
        passed = self._partial_means[np.searchsorted(self._atoms, x, side="right")]
        return np.where(x < self._atoms[0], x, passed + finite * self.survival(x))

    @cached_property
    def _sorted(self) -> tuple[Floats, Floats]:
        """The distinct values that have a weight, ascending, and their weights."""
        values = np.array(self.values, dtype=np.float64)
        weights = np.ones_like(values) if self.weights is None else np.array(self.weights)
        atoms, place = np.unique(values[weights > 0], return_inverse=True)
        total = np.bincount(place, weights=weights[weights > 0]).astype(np.float64)
        return atoms, total

    @property
    def _atoms(self) -> Floats:
        return self._sorted[0]

    @cached_property
    def _probabilities(self) -> Floats:
        _, weights = self._sorted
        return np.asarray(weights / math.fsum(weights))

    @cached_property
    def _below(self) -> Floats:
        """P(X <= each atom), after a 0 for what lies below the first."""
        # Weights are added before they are divided: equal ones give the nearest double to k / n.
        steps = np.cumsum(self._sorted[1])
        return np.concatenate([[0.0], steps / steps[-1]])

    @cached_property
    def _above(self) -> Floats:
        """P(X > each atom), after a 1; added from the top, so that small ones are exact."""
        steps = np.cumsum(self._sorted[1][::-1])[::-1]
        return np.concatenate([steps / steps[0], [0.0]])

    @cached_property
    def _partial_means(self) -> Floats:
        """The part of the mean that the atoms up to each bring, after a 0."""
        return np.concatenate([[0.0], np.cumsum(self._atoms * self._probabilities)])
