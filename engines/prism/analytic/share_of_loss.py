"""The part of an annual loss that falls into some intervals: what a policy pays, or leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engines.prism.analytic.exact_loss import ExactLoss
from engines.prism.analytic.exceedance import exceedance_curve
from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats
from engines.prism.insurance import Layer


class ShareOfLoss:
    """g(S) with g' = 1 inside the intervals and 0 between them; keeps `AnnualLossAnswers`.

    As g never falls, percentiles of g(S) are g of percentiles; means are differences of limited
    means: E (g(S) - g(q))+ is the sum over the intervals of E min(S, b) - E min(S, a), from q on.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), chapter 8.
    """

    def __init__(self, whole: ExactLoss, intervals: Sequence[tuple[float, float]]) -> None:
        self._whole = whole
        self._intervals = [(low, high) for low, high in intervals if low < high]

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(g(S) <= x) >= u, for each u in [0, 1)."""
        return self._share(self._whole.quantile(u))

    def mean(self) -> Estimate:
        value = self._mean_from(0.0)
        return Estimate(value, value, value)

    def standard_deviation(self) -> float | None:
        square = 0.0
        for low, high in self._intervals:
            rise = self._limited_square(high) - self._limited_square(low)
            already = float(self._share(np.array([low]))[0])
            square += rise + 2 * (already - low) * self._mean_between(low, high)
        if not math.isfinite(square):
            return None
        return math.sqrt(max(square - self._mean_from(0.0) ** 2, 0.0))

    def probability_of_loss(self) -> Estimate:
        return self.probability_above(0.0)

    def probability_above(self, amount: float) -> Estimate:
        for low, high in self._intervals:
            already = float(self._share(np.array([low]))[0])
            if amount < already + high - low:
                return self._whole.probability_above(low + amount - already)
        return Estimate(0.0, 0.0, 0.0)

    def percentile(self, percent: float) -> Estimate:
        return self._of(self._whole.percentile(percent))

    def tail_value_at_risk(self, percent: float) -> Estimate:
        u = percent / 100
        at = self._whole.percentile(percent)
        share = self._of(at)
        beyond = self._mean_from(at.value) / (1 - u)
        # No interval pays more than what is lost, so the limits of the whole's tail hold.
        whole = self._whole.tail_value_at_risk(percent)
        down = 0.0 if whole.lower is None else whole.value - whole.lower
        up = math.inf if whole.upper is None else share.value + beyond + whole.upper - whole.value
        up = min(up, self._most)
        lower = max(share.value + beyond - down, 0.0)
        return Estimate(share.value + beyond, lower, up if math.isfinite(up) else None)

    @property
    def _most(self) -> float:
        """The largest share there can be."""
        return math.fsum(high - low for low, high in self._intervals)

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        return exceedance_curve(self, points)

    def _share(self, x: Floats) -> Floats:
        total = np.zeros(x.shape)
        for low, high in self._intervals:
            total += np.clip(x - low, 0, high - low)
        return total

    def _of(self, estimate: Estimate) -> Estimate:
        value, lower = self._share(np.array([estimate.value, estimate.lower or 0.0]))
        upper = math.inf if estimate.upper is None else estimate.upper
        most = float(self._share(np.array([upper]))[0])
        return Estimate(float(value), float(lower), most if math.isfinite(most) else None)

    def _mean_from(self, x: float) -> float:
        return math.fsum(
            self._mean_between(max(low, x), max(high, x)) for low, high in self._intervals
        )

    def _mean_between(self, low: float, high: float) -> float:
        return max(self._limited_mean(high) - self._limited_mean(low), 0.0)

    def _limited_mean(self, x: float) -> float:
        if math.isinf(x):
            return self._whole.mean().value
        return float(self._whole.limited_mean(np.array([x]))[0])

    def _limited_square(self, x: float) -> float:
        if math.isinf(x):
            return self._whole.variance + self._whole.mean().value ** 2
        return float(self._whole.limited_square(np.array([x]))[0])


def ceded_share(whole: ExactLoss, layer: Layer) -> ShareOfLoss:
    """Give what a layer pays of an annual loss."""
    return ShareOfLoss(whole, [(layer.deductible, layer.deductible + layer.limit)])


def retained_share(whole: ExactLoss, layer: Layer) -> ShareOfLoss:
    """Give what a layer leaves of an annual loss."""
    end = layer.deductible + layer.limit
    return ShareOfLoss(whole, [(0.0, layer.deductible), (end, math.inf)])
