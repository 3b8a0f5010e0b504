"""The answers about an annual loss whose distribution is known."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from engines.prism.analytic.bracket import Bracket
from engines.prism.analytic.exceedance import exceedance_curve
from engines.prism.analytic.ladder import Ladder
from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats


class ExactLoss:
    """The distribution of a sum of independent compound losses; keeps `AnnualLossAnswers`.

    `variance` is that of the sum, infinity where there is none. The limits of the answers are those
    of `Bracket`, computed when first asked for; the arrays' functions do without.
    """

    def __init__(self, ladder: Ladder, variance: float) -> None:
        self.ladder = ladder
        self.variance = variance

    def quantile(self, u: Floats) -> Floats:
        """Give the smallest x with P(S <= x) >= u, for each u in [0, 1).

        0 up to the probability of no loss; good to five digits and more from there to 1 - 1e-9.
        """
        return self.ladder.quantile(u)

    def survival(self, x: Floats) -> Floats:
        """Give P(S > x)."""
        return self.ladder.survival(x)

    def limited_mean(self, x: Floats) -> Floats:
        """Give E min(S, x)."""
        return self.ladder.limited_mean(x)

    def limited_square(self, x: Floats) -> Floats:
        """Give E min(S, x)^2."""
        return self.ladder.limited_square(x)

    def tail_mean(self, u: Floats) -> Floats:
        """Give the mean of the worst 1 - u of years, for each u in [0, 1).

        What lies beyond every lattice is in the mean, which is known: with q the quantile,
        q + (E S - E min(S, q)) / (1 - u).
        """
        at = self.quantile(u)
        beyond = np.maximum(self.ladder.mean - self.limited_mean(at), 0.0)
        return np.asarray(at + beyond / (1 - u))

    def mean(self) -> Estimate:
        return _exactly(self.ladder.mean)

    def standard_deviation(self) -> float | None:
        # What a layer leaves of nearly nothing is a difference that may round to below 0.
        return math.sqrt(max(self.variance, 0.0)) if math.isfinite(self.variance) else None

    def probability_of_loss(self) -> Estimate:
        return _exactly(self.ladder.probability_of_loss)

    def probability_above(self, amount: float) -> Estimate:
        if amount <= 0:
            return _exactly(self.ladder.probability_of_loss if amount == 0 else 1.0)
        value = float(self.survival(np.array([amount]))[0])
        if self._bracket is None or value <= 0:
            return _exactly(value)
        return Estimate(value, *self._bracket.survival(amount, value))

    def percentile(self, percent: float) -> Estimate:
        u = percent / 100
        value = float(self.quantile(np.array([u]))[0])
        if self._bracket is None or value == 0:
            return _exactly(value)
        return Estimate(value, *self._bracket.percentile(u, value))

    def tail_value_at_risk(self, percent: float) -> Estimate:
        u = percent / 100
        value = float(self.tail_mean(np.array([u]))[0])
        at = float(self.quantile(np.array([u]))[0])
        if self._bracket is None or at == 0:
            return _exactly(value)
        return Estimate(value, *self._bracket.tail_mean(u, at, value))

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        return exceedance_curve(self, points)

    @property
    def _bracket(self) -> Bracket | None:
        """The limits; `None` where nothing is rounded."""
        return None if self.ladder.is_exact else self._rounded

    @cached_property
    def _rounded(self) -> Bracket:
        return Bracket(self.ladder.years, self.ladder.unit, self.ladder.progress)


def _exactly(value: float) -> Estimate:
    return Estimate(value, value, value)
