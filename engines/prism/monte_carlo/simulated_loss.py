"""What a tally of simulated years says of an annual loss, each number with its 95% interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.binomial_intervals import percentile_ranks, proportion_interval
from engines.prism.monte_carlo.accurate_sum import accurate_sum
from engines.prism.monte_carlo.loss_cells import ZERO_CELL, lower_edges
from engines.prism.monte_carlo.ranked_losses import RankedLosses
from engines.prism.monte_carlo.tally import LossTally

Z_975: Final = 1.959963984540054
"""The 97.5th percentile of a standard normal."""
FEWEST_TAIL_YEARS: Final = 10
"""Fewer say nothing of the spread of a tail's mean."""
CURVE_FROM: Final = 0.01
"""The curve begins at this percentile of the years with a loss: below lies nothing to see."""


@dataclass(frozen=True, eq=False)
class SimulatedLoss:
    """The answers of `engines.prism.annual_loss_answers`, read off a tally."""

    tally: LossTally

    def mean(self) -> Estimate:
        """The sample mean, with its interval by the central limit theorem."""
        value, spread = self.tally.mean, self.standard_deviation()
        if spread is None:
            return Estimate(value, None, None)
        margin = Z_975 * spread / math.sqrt(self.tally.trials)
        # A loss is never negative, so its mean is not either.
        return Estimate(value, max(0.0, value - margin), value + margin)

    def standard_deviation(self) -> float | None:
        """The sample standard deviation: between cells exactly, within them of an even spread."""
        return self._standard_deviation

    def probability_of_loss(self) -> Estimate:
        """The share of years that cost anything."""
        return self._share(int(self.tally.counts[self.tally.cells != ZERO_CELL].sum()))

    def probability_above(self, amount: float) -> Estimate:
        """The share of years above `amount`: counted if it is one of the tally's thresholds."""
        if amount in self.tally.thresholds:
            return self._share(self.tally.above[self.tally.thresholds.index(amount)])
        return self._share(self.tally.trials - self._ranked.rank_of(amount))

    def percentile(self, percent: float) -> Estimate:
        """The order statistic of rank ceil(trials * percent / 100), between two others.

        Their ranks: `binomial_intervals.percentile_ranks`. All three are placed within their cells.
        """
        fraction = percent / 100
        rank = min(max(math.ceil(self.tally.trials * fraction), 1), self.tally.trials)
        lower, upper = percentile_ranks(fraction, self.tally.trials)
        return Estimate(
            self._ranked.loss_at(rank - 0.5),
            0.0 if lower is None else self._ranked.loss_at(lower - 0.5),
            None if upper is None else self._ranked.loss_at(upper - 0.5),
        )

    def tail_value_at_risk(self, percent: float) -> Estimate:
        """The mean of the worst years; of the year at the edge the part that belongs to them.

        Source of the interval: Manistre and Hancock, "Variance of the CTE estimator", North
        American Actuarial Journal 9(2) (2005), pp. 129-156: the variance of the estimate is
        (Var(S | S > VaR) + p (TVaR - VaR)^2) / (n (1 - p)).
        """
        fraction = percent / 100
        years = self.tally.trials * (1 - fraction)
        edge = self._ranked.loss_at(self.tally.trials - years)
        value, variance = self._ranked.tail(years)
        if years < FEWEST_TAIL_YEARS:
            return Estimate(value, None, None)
        margin = Z_975 * math.sqrt((variance + fraction * (value - edge) ** 2) / years)
        return Estimate(value, max(0.0, value - margin), value + margin)

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        """The probability of reaching losses that lie evenly in their logarithm.

        The losses are edges of cells: years on either side of one are counted, not interpolated.
        The band holds for each point by itself, not for all at once.
        """
        occupied = self.tally.cells != ZERO_CELL
        cells, counts = self.tally.cells[occupied], self.tally.counts[occupied]
        if cells.size == 0:
            return ()
        reached = np.cumsum(counts[::-1])[::-1]  # years in this cell or a higher one
        first = np.searchsorted(-reached, -reached[0] * (1 - CURVE_FROM), side="right") - 1
        # Cell numbers are close to a logarithm of the loss already, so even steps do.
        chosen = np.unique(np.linspace(cells[first], cells[-1], points).round().astype(np.int64))
        at = np.searchsorted(cells, chosen, side="left")
        lower, upper = proportion_interval(reached[at], self.tally.trials)
        columns = (lower_edges(chosen), reached[at] / self.tally.trials, lower, upper)
        return tuple(
            ExceedancePoint(loss=loss, probability=share, lower=low, upper=high)
            for loss, share, low, high in zip(*(c.tolist() for c in columns), strict=True)
        )

    @cached_property
    def _standard_deviation(self) -> float | None:
        tally = self.tally
        if tally.trials == 1:
            return None
        squares = tally.counts * (self._ranked.variances + (tally.means - tally.mean) ** 2)
        return math.sqrt(accurate_sum(squares) / (tally.trials - 1))

    @cached_property
    def _ranked(self) -> RankedLosses:
        return RankedLosses.of(self.tally)

    def _share(self, years: int) -> Estimate:
        lower, upper = proportion_interval(years, self.tally.trials)
        return Estimate(years / self.tally.trials, float(lower), float(upper))
