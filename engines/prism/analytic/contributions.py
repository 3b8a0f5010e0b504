"""What each amount of each scenario contributes to the worst years."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engines.prism.analytic.amount import Amount
from engines.prism.analytic.compound import ALL, Compound, Event, Pair, transform_of_amount
from engines.prism.analytic.grid import Grid
from engines.prism.analytic.lattice import Rounding, atom_weights, smooth_weights
from engines.prism.analytic.level import Level, sum_below
from engines.prism.distributions import Floats
from engines.prism.scenario import LossForm
from engines.progress import Progress, unreported

_BLOCK: Final = 32
"""Scenarios whose transforms are held at the same time."""
_KEEP: Final = Rounding.KEEPING_MOMENTS


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One form of loss of one scenario, as a part of the annual loss."""

    scenario: str
    form: LossForm
    is_secondary: bool
    mean: float
    """A year."""
    tail_mean: float
    """Its mean over the worst years: the parts add up to the tail value at risk."""


def contributions(
    years: Mapping[str, Compound],
    level: Level | None,
    u: float,
    tail_mean: float,
    progress: Progress = unreported,
) -> tuple[Contribution, ...]:
    """Give E(Y | the worst 1 - u of years) for every part Y of the annual loss.

    `level` answers for the quantile at u, `None` where that is 0. The transform of E(Y; S = x) is
    that of S with one event's transform replaced by its derivative, the size-biased one; one
    inverse transform a part. The parts are scaled to the tail mean that is known otherwise; without
    that they add up to it to about six digits.

    Source: Denault, Journal of Risk 4(1), 2001, for the allocation (Euler's); Tasche, Capital
    Allocation to Business Units and Sub-Portfolios: the Euler Principle, arXiv:0708.2542 (2007),
    for its form as a conditional mean.
    """
    means = [
        Contribution(
            scenario=name,
            form=form,
            is_secondary=is_secondary,
            mean=year.count.mean * share * amount.mean,
            tail_mean=year.count.mean * share * amount.mean / (1 - u),
        )
        for name, year in years.items()
        for form, is_secondary, share, amount in _parts(year.event)
    ]
    if level is None:
        return tuple(means)
    below = _below_quantile([*years.values()], level, u, progress)
    tails = [
        max(part.tail_mean - passed / (1 - u), 0.0)
        for part, passed in zip(means, below, strict=True)
    ]
    scale = tail_mean / math.fsum(tails)
    return tuple(
        replace(part, tail_mean=scale * tail) for part, tail in zip(means, tails, strict=True)
    )


def _parts(event: Event) -> Iterator[tuple[LossForm, bool, float, Amount]]:
    for form, amount in event.primary.items():
        yield form, False, 1.0, amount
    for form, amount in event.secondary.items():
        yield form, True, event.secondary_probability, amount


def _below_quantile(
    years: Sequence[Compound], level: Level, u: float, progress: Progress
) -> Iterator[float]:
    """Give E(Y; not among the worst 1 - u of years) for every part Y, in order."""
    blocks = [years[k : k + _BLOCK] for k in range(0, len(years), _BLOCK)]
    products = []
    for k, block in enumerate(blocks):
        progress(k / len(blocks) / 2, "transforming losses")
        products.append(_product(year.transform(level.grid, _KEEP) for year in block))
    for k, (block, beside) in enumerate(zip(blocks, _all_but_each(products), strict=True)):
        transforms = [year.transform(level.grid, _KEEP) for year in block]
        for year, others in zip(block, _all_but_each(transforms), strict=True):
            progress((1 + k / len(blocks)) / 2, "attributing losses")
            rest = beside.times(others).times(_derivative(year, level.grid))
            for derivative in _size_biased(year.event, level.grid):
                yield _passed(rest.times(derivative), level, u)


def _product(pairs: Iterable[Pair]) -> Pair:
    total = Pair(ALL, ALL)
    for pair in pairs:
        total = total.times(pair)
    return total


def _all_but_each(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Give the product of all others for each: division would fail where a transform is 0."""
    after = [Pair(ALL, ALL)]
    for pair in reversed(pairs[1:]):
        after.append(after[-1].times(pair))
    before = Pair(ALL, ALL)
    for pair in pairs:
        rest = after.pop()
        yield before.times(rest)
        before = before.times(pair)


def _derivative(year: Compound, grid: Grid) -> Pair:
    """Give the derivative of the count's generating function at the event's transform."""
    event = year.event.transform(grid, _KEEP)
    whole = year.count.pgf_derivative(event.whole)
    return Pair(whole, whole if event.only_atoms else year.count.pgf_derivative(event.atoms))


def _size_biased(event: Event, grid: Grid) -> Iterator[Pair]:
    """Give, for each amount Y of an event of cost X, the transform of E(Y; X = x)."""
    b = event.secondary_probability
    primary = [transform_of_amount(amount, grid, _KEEP) for amount in event.primary.values()]
    secondary = [transform_of_amount(amount, grid, _KEEP) for amount in event.secondary.values()]
    sometimes = _mixed(_product(secondary), 1 - b, b)
    for amount, others in zip(event.primary.values(), _all_but_each(primary), strict=True):
        yield _weighted(amount, grid).times(others).times(sometimes)
    always = _mixed(_product(primary), 0.0, b)
    for amount, others in zip(event.secondary.values(), _all_but_each(secondary), strict=True):
        yield _weighted(amount, grid).times(others).times(always)


def _mixed(pair: Pair, constant: float, factor: float) -> Pair:
    whole = constant + factor * pair.whole
    return Pair(whole, whole if pair.only_atoms else constant + factor * pair.atoms)


def _weighted(amount: Amount, grid: Grid) -> Pair:
    """Give the transform of x times the weights."""
    atoms = np.zeros(grid.cells)
    if amount.atoms[0].size:
        atoms = atom_weights(amount.atoms, grid.step, grid.cells, _KEEP)
    transform = grid.transform(grid.points * atoms)
    if math.isinf(amount.scale):
        return Pair(transform, transform)
    smooth = smooth_weights(amount, grid.step, grid.cells, _KEEP)
    return Pair(transform + grid.transform(grid.points * smooth), transform)


def _passed(pair: Pair, level: Level, u: float) -> float:
    """Give E(Y; S below its quantile at u), with as much of an atom there as u asks for."""
    weights = level.grid.weights(pair.whole)
    atoms = np.zeros_like(weights)
    if level.aligned and pair.atoms.size > 1:
        atoms = level.grid.weights(pair.atoms)
    smooth = weights - atoms
    upto = sum_below(smooth) + np.cumsum(atoms)
    at = min(int(np.searchsorted(level.cdf, u)), level.points.size - 1)
    before = float(upto[at] - atoms[at])
    if u >= level.before[at]:
        jump = float(level.cdf[at] - level.before[at])
        return before + (u - float(level.before[at])) / jump * float(atoms[at]) if jump else before
    x = float(level.quantile(np.array([u]))[0])
    t = (x - float(level.points[at - 1])) / level.step
    return _cubic(t, float(upto[at - 1]), before, smooth[at - 1 : at + 1])


def _cubic(t: float, start: float, end: float, slopes: Floats) -> float:
    """Give the cubic Hermite polynomial through two values with two slopes, at t in [0, 1]."""
    first, last = slopes.tolist()
    bend = first + last - 2 * (end - start)
    return float(start + t * (first + t * (3 * (end - start) - 2 * first - last + t * bend)))
