"""What a tally of annual losses says, each number with its 95% interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engines.prism.binomial_intervals import percentile_ranks, proportion_interval
from engines.prism.loss_histogram import ZERO_CELL, lower_edges, upper_edges
from engines.prism.loss_tally import LossTally

Z_975 = 1.959963984540054
"""The 97.5th percentile of a standard normal."""

CURVE_FROM = 0.01
"""The curve begins at this percentile of the years with a loss: below lies nothing to see."""


@dataclass(frozen=True)
class Estimate:
    """A value and its interval. A limit is `None` where there are too few trials for one."""

    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, kw_only=True)
class ExceedancePoint:
    """The probability that a year costs `loss` or more."""

    loss: float
    probability: float
    lower: float
    upper: float


def mean(tally: LossTally) -> Estimate:
    """Give the mean annual loss, with its interval by the central limit theorem."""
    value = tally.mean
    if tally.trials == 1:
        return Estimate(value, None, None)
    margin = Z_975 * tally.standard_deviation / math.sqrt(tally.trials)
    # A loss is never negative, so its mean is not either.
    return Estimate(value, max(0.0, value - margin), value + margin)


def percentile(tally: LossTally, percent: float) -> Estimate:
    """Give the annual loss that `percent` per cent of years do not exceed.

    The value is the order statistic of rank ceil(trials * percent / 100), interpolated within its
    cell. The limits are the outer edges of the cells of two order statistics (see
    `binomial_intervals`), so that they cover the cells' width as well.
    """
    fraction = percent / 100
    rank = min(max(math.ceil(tally.trials * fraction), 1), tally.trials)
    lower, upper = percentile_ranks(fraction, tally.trials)
    return Estimate(
        _order_statistic(tally, rank),
        0.0 if lower is None else _within(tally, lower_edges(_cell_of_rank(tally, lower))[0]),
        None if upper is None else _within(tally, upper_edges(_cell_of_rank(tally, upper))[0]),
    )


def probability(years: int, tally: LossTally) -> Estimate:
    """Give the probability of what happened in `years` of the trials."""
    lower, upper = proportion_interval(years, tally.trials)
    return Estimate(years / tally.trials, float(lower), float(upper))


def probability_of_loss(tally: LossTally) -> Estimate:
    """Give the probability that a year costs anything."""
    return probability(int(tally.counts[tally.cells != ZERO_CELL].sum()), tally)


def exceedance_curve(tally: LossTally, points: int) -> tuple[ExceedancePoint, ...]:
    """Give the probability of reaching each of up to `points` losses, ascending.

    The losses are edges of cells, evenly spread in their logarithm: years on either side of an
    edge are counted, not interpolated. No points when no year had a loss. The band holds for each
    point by itself, not for all at once.
    """
    occupied = tally.cells != ZERO_CELL
    cells, counts = tally.cells[occupied], tally.counts[occupied]
    if cells.size == 0:
        return ()
    reached = np.cumsum(counts[::-1])[::-1]  # years in this cell or a higher one
    first = np.searchsorted(-reached, -reached[0] * (1 - CURVE_FROM), side="right") - 1
    # Cell numbers are close to a logarithm of the loss already, so even steps do.
    chosen = np.unique(np.linspace(cells[first], cells[-1], points).round().astype(np.int64))
    at = np.searchsorted(cells, chosen, side="left")
    lower, upper = proportion_interval(reached[at], tally.trials)
    columns = (lower_edges(chosen), reached[at] / tally.trials, lower, upper)
    return tuple(
        ExceedancePoint(loss=loss, probability=share, lower=low, upper=high)
        for loss, share, low, high in zip(*(c.tolist() for c in columns), strict=True)
    )


def _order_statistic(tally: LossTally, rank: int) -> float:
    ranks = np.cumsum(tally.counts)
    at = int(np.searchsorted(ranks, rank))
    cell, count = tally.cells[at : at + 1], int(tally.counts[at])
    place = (rank - (int(ranks[at]) - count) - 0.5) / count
    low, high = lower_edges(cell)[0], upper_edges(cell)[0]
    return _within(tally, low + place * (high - low))


def _cell_of_rank(tally: LossTally, rank: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    at = int(np.searchsorted(np.cumsum(tally.counts), rank))
    return tally.cells[at : at + 1]


def _within(tally: LossTally, loss: float) -> float:
    """Clip to the losses that were seen: a cell may reach beyond them."""
    return float(min(max(loss, tally.smallest), tally.largest))
