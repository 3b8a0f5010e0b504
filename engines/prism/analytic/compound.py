"""A year of events as the lattice sees it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from engines.prism.analytic.amount import Amount
from engines.prism.analytic.grid import Grid, Transform
from engines.prism.analytic.lattice import Rounding, atom_weights, smooth_weights
from engines.prism.event_count import EventCount
from engines.prism.scenario import LossForm
from engines.progress import Progress

NOTHING: Final[Transform] = np.zeros(1, dtype=np.complex128)
ALL: Final[Transform] = np.ones(1, dtype=np.complex128)


@dataclass(frozen=True)
class Pair:
    """Two transforms: of all there is, and of the atoms alone.

    They are the same object where there is nothing but atoms, `NOTHING` where there are none. Of
    length 1 they are those of an amount that is 0 for sure, in part.
    """

    whole: Transform
    atoms: Transform

    @property
    def only_atoms(self) -> bool:
        return self.atoms is self.whole

    def times(self, other: Pair) -> Pair:
        """Give the transforms of the sum of independent amounts."""
        whole = self.whole * other.whole
        if self.only_atoms and other.only_atoms:
            return Pair(whole, whole)
        return Pair(whole, self.atoms * other.atoms)


@dataclass(frozen=True)
class Event:
    """What one loss event costs: the primary amounts and, sometimes, the secondary ones as well."""

    primary: Mapping[LossForm, Amount]
    secondary: Mapping[LossForm, Amount]
    secondary_probability: float

    @cached_property
    def parts(self) -> tuple[tuple[float, Amount], ...]:
        """Each amount with how often it comes."""
        secondary = [(self.secondary_probability, amount) for amount in self.secondary.values()]
        return (*((1.0, amount) for amount in self.primary.values()), *secondary)

    @property
    def mean(self) -> float:
        return math.fsum(share * amount.mean for share, amount in self.parts)

    @property
    def probability_of_nothing(self) -> float:
        """That an event costs nothing."""
        b = self.secondary_probability
        secondary = math.prod(_at_zero(amount) for amount in self.secondary.values())
        return math.prod(_at_zero(each) for each in self.primary.values()) * (1 - b + b * secondary)

    def transform(self, grid: Grid, rounding: Rounding) -> Pair:
        """Give the transform of an event's cost."""
        primary = _sum(self.primary.values(), grid, rounding)
        if not self.secondary or self.secondary_probability == 0:
            return primary
        b = self.secondary_probability
        others = _sum(self.secondary.values(), grid, rounding)
        sometimes = 1 - b + b * others.whole
        if others.only_atoms:
            return primary.times(Pair(sometimes, sometimes))
        return primary.times(Pair(sometimes, 1 - b + b * others.atoms))


@dataclass(frozen=True)
class Compound:
    """The sum of the costs of a random number of events."""

    count: EventCount
    event: Event

    @property
    def mean(self) -> float:
        return self.count.mean * self.event.mean

    @property
    def probability_of_loss(self) -> float:
        """That some event costs something; exact also where it hardly ever happens."""
        costs = np.array([1 - self.event.probability_of_nothing])
        return float(self.count.probability_of_some(costs)[0])

    def transform(self, grid: Grid, rounding: Rounding) -> Pair:
        """Give the transform of a year's sum."""
        event = self.event.transform(grid, rounding)
        whole = self.count.pgf(event.whole)
        return Pair(whole, whole if event.only_atoms else self.count.pgf(event.atoms))


def transform_of_amount(amount: Amount, grid: Grid, rounding: Rounding) -> Pair:
    """Give the transform of one amount."""
    if not amount.atoms[0].size:
        smooth = grid.transform(smooth_weights(amount, grid.step, grid.cells, rounding))
        return Pair(smooth, NOTHING)
    atoms = grid.transform(atom_weights(amount.atoms, grid.step, grid.cells, rounding))
    if math.isinf(amount.scale):
        return Pair(atoms, atoms)
    smooth = grid.transform(smooth_weights(amount, grid.step, grid.cells, rounding))
    return Pair(atoms + smooth, atoms)


def transform_of_sum(
    years: Sequence[Compound], grid: Grid, rounding: Rounding, progress: Progress
) -> Pair:
    """Give the transform of the sum of independent years; one product grows, however many."""
    total = Pair(ALL, ALL)
    for k, year in enumerate(years):
        progress(k / len(years), "transforming losses")
        total = total.times(year.transform(grid, rounding))
    return total


def _sum(amounts: Iterable[Amount], grid: Grid, rounding: Rounding) -> Pair:
    total = Pair(ALL, ALL)
    for amount in amounts:
        total = total.times(transform_of_amount(amount, grid, rounding))
    return total


def _at_zero(amount: Amount) -> float:
    values, weights = amount.atoms
    return float(weights[values == 0].sum())
