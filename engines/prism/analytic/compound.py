"""A year of events as the lattice sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engines.prism.analytic.amount import Amount
from engines.prism.analytic.grid import Grid, Transform
from engines.prism.analytic.lattice import Rounding, atom_weights, smooth_weights
from engines.prism.event_count import EventCount
from engines.prism.scenario import LossForm
from engines.progress import Progress


@dataclass(frozen=True)
class Pair:
    """Two transforms: of all there is, and of the atoms alone. `None` where there are no atoms."""

    whole: Transform
    atoms: Transform | None


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
        whole, atoms = _product(self.primary.values(), grid, rounding)
        if self.secondary_probability > 0 and self.secondary:
            b = self.secondary_probability
            others, other_atoms = _product(self.secondary.values(), grid, rounding)
            whole = whole * (1 - b + b * others)
            if atoms is not None:
                atoms = atoms * (1 - b + (0.0 if other_atoms is None else b * other_atoms))
        return Pair(whole, atoms)


@dataclass(frozen=True)
class Compound:
    """The sum of the costs of a random number of events."""

    count: EventCount
    event: Event

    @property
    def mean(self) -> float:
        return self.count.mean * self.event.mean

    @property
    def probability_of_nothing(self) -> float:
        at = np.array([self.event.probability_of_nothing], dtype=np.complex128)
        return float(self.count.pgf(at)[0].real)

    def transform(self, grid: Grid, rounding: Rounding) -> Pair:
        """Give the transform of a year's sum."""
        event = self.event.transform(grid, rounding)
        whole = self.count.pgf(event.whole)
        if event.atoms is event.whole:
            return Pair(whole, whole)
        atoms = np.zeros(1, dtype=np.complex128) if event.atoms is None else event.atoms
        return Pair(whole, self.count.pgf(atoms))


def transform_of_sum(
    years: Sequence[Compound], grid: Grid, rounding: Rounding, progress: Progress
) -> Pair:
    """Give the transform of the sum of independent years; one product grows, however many."""
    whole = atoms = np.ones(1, dtype=np.complex128)
    only_atoms = True
    for k, year in enumerate(years):
        progress(k / len(years), "transforming losses")
        pair = year.transform(grid, rounding)
        only_atoms = only_atoms and pair.atoms is pair.whole
        whole = whole * pair.whole
        atoms = whole if only_atoms else atoms * pair.atoms
    return Pair(whole, atoms)


def _product(
    amounts: Sequence[Amount], grid: Grid, rounding: Rounding
) -> tuple[Transform, Transform | None]:
    whole = np.ones(1, dtype=np.complex128)
    atoms: Transform | None = whole
    for amount in amounts:
        pair = _transform(amount, grid, rounding)
        purely = atoms is whole and pair.atoms is pair.whole
        whole = whole * pair.whole
        if purely:
            atoms = whole
        else:
            atoms = None if atoms is None or pair.atoms is None else atoms * pair.atoms
    return whole, atoms


def _transform(amount: Amount, grid: Grid, rounding: Rounding) -> Pair:
    values, weights = amount.atoms
    if not values.size:
        return Pair(grid.transform(smooth_weights(amount, grid.step, grid.cells, rounding)), None)
    atoms = grid.transform(atom_weights(amount.atoms, grid.step, grid.cells, rounding))
    if weights.sum() > 1 - 1e-14:
        return Pair(atoms, atoms)
    smooth = grid.transform(smooth_weights(amount, grid.step, grid.cells, rounding))
    return Pair(atoms + smooth, atoms)


def _at_zero(amount: Amount) -> float:
    values, weights = amount.atoms
    return float(weights[values == 0].sum())
