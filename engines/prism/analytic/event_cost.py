"""What one loss event costs in all, as an amount in its own right."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import numpy as np

from engines.prism.analytic.amount import NO_ATOMS, Amount, Atoms
from engines.prism.analytic.compound import Compound, Event
from engines.prism.analytic.ladder import Ladder
from engines.prism.distributions import Floats
from engines.prism.event_count import EventCount
from engines.prism.scenario import BernoulliCount

MOST_ATOMS: Final = 100_000
"""Sums of atoms that are told apart."""


def event_cost(event: Event) -> Amount:
    """Give the cost of an event: its only amount, or the sum of its amounts."""
    if len(event.primary) == 1 and not event.secondary:
        return next(iter(event.primary.values()))
    return EventCost(event)


class EventCost:
    """The sum of an event's amounts: the loss of a year with exactly one event."""

    def __init__(self, event: Event) -> None:
        self._ladder = Ladder([Compound(_ONE, event)])
        self._event = event

    @property
    def mean(self) -> float:
        return self._event.mean

    @cached_property
    def atoms(self) -> Atoms:
        b = self._event.secondary_probability
        primary = _sums(self._event.primary.values())
        secondary = _sums(self._event.secondary.values())
        without = np.zeros(1), np.array([1 - b])
        sometimes = (
            np.concatenate([without[0], secondary[0]]),
            np.concatenate([without[1], b * secondary[1]]),
        )
        return _sum(primary, sometimes)

    def survival(self, x: Floats) -> Floats:
        finite = np.where(np.isinf(x), 0, np.maximum(x, 0))
        above = self._ladder.survival(finite)
        return np.where(x < 0, 1.0, np.where(np.isposinf(x), 0.0, above))

    def limited_mean(self, x: Floats) -> Floats:
        finite = np.where(np.isinf(x), 0, x)
        return np.where(np.isinf(x), self.mean, self._ladder.limited_mean(finite))

    def limited_square(self, x: Floats) -> Floats:
        return self._ladder.limited_square(x)

    def blur(self, x: float) -> float:
        """Give how far rounding to the lattice may move a cost of about x."""
        step = self._ladder.step_at(x)
        return 0.0 if self._ladder.is_exact else len(self._event.parts) * step

    @cached_property
    def centre(self) -> float:
        return float(self._ladder.quantile(np.array([0.5]))[0])

    @property
    def width(self) -> float:
        widths = [amount.width for amount in self._event.primary.values()]
        finite = [width for width in widths if math.isfinite(width)]
        return max(finite) if finite else min(a.width for _, a in self._event.parts)

    @property
    def scale(self) -> float:
        if self.atoms[1].sum() > 1 - 1e-14:
            return math.inf
        return min(amount.scale for _, amount in self._event.parts)


_ONE: Final = EventCount(np.ones(1), np.ones(1), BernoulliCount())


def _sums(amounts: Iterable[Amount]) -> Atoms:
    """Give the atoms of a sum: sums of atoms."""
    total: Atoms = np.zeros(1), np.ones(1)
    for amount in amounts:
        total = _sum(total, amount.atoms)
    return total


def _sum(some: Atoms, others: Atoms) -> Atoms:
    if some[0].size * others[0].size > MOST_ATOMS:
        return NO_ATOMS
    values, places = np.unique(np.add.outer(some[0], others[0]).ravel(), return_inverse=True)
    products = np.multiply.outer(some[1], others[1]).ravel()
    weights = np.bincount(places, products, values.size).astype(np.float64)
    return values[weights > 0], weights[weights > 0]
