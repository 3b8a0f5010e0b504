"""The largest loss event of a year: occurrence exceedance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
from scipy.special import roots_legendre

from engines.prism.analytic.amount import Amount, Leaf
from engines.prism.analytic.event_cost import EventCost
from engines.prism.analytic.exceedance import exceedance_curve
from engines.prism.analytic.second_moment import limited_square
from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats
from engines.prism.event_count import EventCount

_STRIDE: Final = 16.0
_NOTHING: Final = 1e-290
_SHARES: Final = np.linspace(0, 1, 65)
_ROUNDS: Final = 11
"""Each divides by 64: from a factor of `_STRIDE` to the last digit of a double."""
_PANELS: Final = 2
"""For each doubling of the loss."""
_RARE: Final = 1e-8
"""Beyond a loss of this probability no year has two such events."""
_NEGLIGIBLE: Final = 1e-10
"""Of the probability of a loss, before the panels begin."""
_MOST_JUMPS: Final = 2000
"""For each scenario; where there are more, jumps are as good as smooth."""
_POINTS, _WEIGHTS = (np.asarray(each) / 2 for each in roots_legendre(12))
_POINTS += 0.5  # over [0, 1], and the weights add up to 1


class LargestEvent:
    """The maximum over a year's events, 0 in years without one; keeps `AnnualLossAnswers`.

    P(max <= x) is the product over scenarios of E F(x)^N, with N events that cost at most x with
    probability F(x) each.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 8.6: the number
    of events that exceed a deductible.
    """

    def __init__(self, scenarios: Sequence[tuple[EventCount, Amount, float]]) -> None:
        """Take, for each scenario, its number of events, and an event's cost and mean square."""
        self._scenarios = [each for each in scenarios if each[0].mean > 0]

    def survival(self, x: Floats) -> Floats:
        """Give P(max > x), for x from 0."""
        none = np.zeros_like(x)
        with np.errstate(divide="ignore"):
            for count, amount, _ in self._scenarios:
                exceeded = count.probability_of_some(np.clip(amount.survival(x), 0, 1))
                none += np.log1p(-exceeded)
        return np.asarray(-np.expm1(none))

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(max <= x) >= u, for each u in [0, 1), by repeated division."""
        quantiles = np.zeros_like(u)
        beyond = 1 - u
        some = self.survival(np.zeros(1))[0] > beyond
        if not some.any():
            return quantiles
        beyond = beyond[some]
        start = max(float(amount.centre) for _, amount, _ in self._scenarios) or 1.0
        low, high = np.full(beyond.shape, start), np.full(beyond.shape, start)
        while (short := self.survival(high) > beyond).any():
            high = np.where(short, _STRIDE * high, high)
        while (far := (self.survival(low) <= beyond) & (low > _NOTHING)).any():
            low = np.where(far, low / _STRIDE, low)
        for _ in range(_ROUNDS):
            x = low[:, None] + (high - low)[:, None] * _SHARES
            x[:, -1] = high
            reached = self.survival(x.ravel()).reshape(x.shape) <= beyond[:, None]
            first = np.maximum(reached.argmax(axis=1), 1)
            rows = np.arange(first.size)
            low, high = x[rows, first - 1], x[rows, first]
        quantiles[some] = high
        return quantiles

    def mean(self) -> Estimate:
        value = self._integral(0.0)
        return Estimate(value, *self._or_unknown(value))

    def standard_deviation(self) -> float | None:
        if any(math.isinf(square) for _, _, square in self._scenarios):
            return None
        square = 2 * self._integral(0.0, first_power=True)
        return math.sqrt(max(square - self._integral(0.0) ** 2, 0.0))

    def probability_of_loss(self) -> Estimate:
        return self.probability_above(0.0)

    def probability_above(self, amount: float) -> Estimate:
        blur = self._blur(amount)
        around = np.array([amount, amount + blur, max(amount - blur, 0.0)])
        value, *limits = np.clip(self.survival(around), 0, 1).tolist()
        return Estimate(value, min(value, *limits), max(value, *limits))

    def percentile(self, percent: float) -> Estimate:
        value = float(self.quantile(np.array([percent / 100]))[0])
        blur = self._blur(value)
        return Estimate(value, max(value - blur, 0.0), value + blur)

    def tail_value_at_risk(self, percent: float) -> Estimate:
        u = percent / 100
        at = float(self.quantile(np.array([u]))[0])
        value = at + self._integral(at) / (1 - u)
        return Estimate(value, *self._or_unknown(value))

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        return exceedance_curve(self, points)

    def _blur(self, x: float) -> float:
        """Give how far rounding may have moved a loss; 0 where all events have one amount."""
        if x <= 0:
            return 0.0
        costs = [amount for _, amount, _ in self._scenarios if isinstance(amount, EventCost)]
        return max((cost.blur(x) for cost in costs), default=0.0)

    def _or_unknown(self, value: float) -> tuple[float | None, float | None]:
        rounded = any(isinstance(amount, EventCost) for _, amount, _ in self._scenarios)
        return (None, None) if rounded else (value, value)

    def _integral(self, start: float, *, first_power: bool = False) -> float:
        """Integrate P(max > x), or x times it, from `start` on."""
        edges = self._edges(start)
        if edges.size < 2:
            return 0.0
        widths = np.diff(edges)[:, None]
        x = edges[:-1, None] + widths * _POINTS
        heights = self.survival(x.ravel()).reshape(x.shape)
        if first_power:
            heights = heights * x
        # No year has two events as large as what is left.
        last = float(edges[-1])
        beyond = math.fsum(
            count.mean * max(_rest(amount, last, square, first_power=first_power), 0.0)
            for count, amount, square in self._scenarios
        )
        return math.fsum((heights * widths * _WEIGHTS).ravel()) + beyond

    def _edges(self, start: float) -> Floats:
        """Give the edges of panels, within which P(max > x) is smooth, from `start` on."""
        some = float(self.survival(np.zeros(1))[0])
        if some <= 0:
            return np.zeros(0)
        ends = np.array([1 - some * (1 - _NEGLIGIBLE), 1 - some * _RARE])
        low, high = self.quantile(ends)
        low, high = max(low, start, high * 1e-12), max(high, start) * 2
        count = 2 + math.ceil(_PANELS * math.log2(high / low))
        edges = np.concatenate([[start], np.geomspace(low, high, count), self._kinks])
        return np.unique(edges[(edges >= start) & (edges <= high)])

    @cached_property
    def _kinks(self) -> Floats:
        """The losses at which P(max > x) jumps or bends."""
        kinks = [np.zeros(0)]
        for _, amount, _ in self._scenarios:
            kinks.append(amount.atoms[0][:_MOST_JUMPS])
            if isinstance(amount, Leaf):
                ends = [*amount.distribution.support, getattr(amount.distribution, "mode", 0.0)]
                kinks.append(np.array([each for each in ends if math.isfinite(each)]))
        return np.unique(np.concatenate(kinks))


def _rest(amount: Amount, x: float, square: float, *, first_power: bool) -> float:
    """Integrate P(X > t), or t times it, from x on."""
    if first_power:
        return (square - limited_square(amount, x, square)) / 2
    return amount.mean - float(amount.limited_mean(np.array([x]))[0])
