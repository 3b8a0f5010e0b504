"""The answers about an annual loss whose distribution is known."""

from __future__ import annotations

import math

import numpy as np

from engines.prism.analytic.ladder import Ladder
from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats

CURVE_FROM = 0.01
"""Of the years with a loss: the curve begins at this percentile of them."""
CURVE_TO = 1e-6
"""The curve ends at the loss that a year exceeds with this probability."""


class ExactLoss:
    """The distribution of a sum of independent compound losses; keeps `AnnualLossAnswers`."""

    def __init__(self, ladder: Ladder, variance: float) -> None:
        self._ladder = ladder
        self._variance = variance

    def mean(self) -> Estimate:
        value = self._ladder.mean
        return Estimate(value, value, value)

    def standard_deviation(self) -> float | None:
        return math.sqrt(self._variance) if math.isfinite(self._variance) else None

    def probability_of_loss(self) -> Estimate:
        value = self._ladder.probability_of_loss
        return Estimate(value, value, value)

    def probability_above(self, amount: float) -> Estimate:
        value = float(self.survival(np.array([amount]))[0])
        return Estimate(value, value, value)

    def percentile(self, percent: float) -> Estimate:
        value = float(self.quantile(np.array([percent / 100]))[0])
        return Estimate(value, None, None)

    def tail_value_at_risk(self, percent: float) -> Estimate:
        u = percent / 100
        at = self.quantile(np.array([u]))
        beyond = self._ladder.mean - float(self.limited_mean(at)[0])
        return Estimate(float(at[0]) + max(beyond, 0.0) / (1 - u), None, None)

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        return ()

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(S <= x) >= u, for each u in [0, 1).

        0 up to the probability of no loss; continuous in u otherwise, but for atoms; good to five
        digits and more from u = 1e-9 to 1 - 1e-9.
        """
        return self._ladder.quantile(u)

    def survival(self, x: Floats) -> Floats:
        """Give P(S > x)."""
        return self._ladder.survival(x)

    def limited_mean(self, x: Floats) -> Floats:
        """Give E min(S, x)."""
        return self._ladder.limited_mean(x)
