"""What replicates of evenly spread years say, each number with its interval over the replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats
from engines.prism.insurance import Layer

_CURVE_FROM = 0.01
"""The curve begins at this percentile of the years with a loss: below lies nothing to see."""


@dataclass(frozen=True, eq=False)
class ReplicatedLosses:
    """Annual losses of independent replicates (rows), ascending in each.

    Every answer is the mean of what the replicates say one by one; its interval is Student's t over
    them, which holds because they are independent, however the points of one depend on each other.

    Source: L'Ecuyer, Nakayama, Owen and Tuffin, "Confidence intervals for randomized quasi-Monte
    Carlo estimators", Proceedings of the 2023 Winter Simulation Conference.
    """

    losses: Floats

    def ceded(self, layer: Layer) -> ReplicatedLosses:
        """Give what a layer over the whole year pays. It rises with the loss: the order stays."""
        return ReplicatedLosses(layer.pays(self.losses))

    def net(self, layer: Layer) -> ReplicatedLosses:
        """Give what a layer over the whole year leaves."""
        return ReplicatedLosses(self.losses - layer.pays(self.losses))

    def survival(self, x: Floats) -> Floats:
        """Give P(S > x)."""
        return 1 - np.searchsorted(self._pooled, x, "right") / self._pooled.size

    def mean(self) -> Estimate:
        return self._estimate(self.losses.mean(axis=1))

    def standard_deviation(self) -> float | None:
        """Of all years together; `None` for a single one a replicate."""
        if self.losses.shape[1] == 1:
            return None
        return float(self.losses.std())

    def probability_of_loss(self) -> Estimate:
        return self.probability_above(0.0)

    def probability_above(self, amount: float) -> Estimate:
        return self._share(
            [self._points - np.searchsorted(r, amount, "right") for r in self.losses]
        )

    def percentile(self, percent: float) -> Estimate:
        """Interpolated where the k-th of n losses stands for the probability (k - 1/2) / n.

        The plain order statistic is off by up to half a rank, which random years hide and evenly
        spread ones do not.

        Source: Hyndman and Fan, The American Statistician 50(4) (1996), pp. 361-365, definition 5.
        """
        place = min(max(self._points * percent / 100 - 0.5, 0.0), self._points - 1.0)
        below = int(place)
        share = place - below
        lower = self.losses[:, below]
        upper = self.losses[:, min(below + 1, self._points - 1)]
        return self._estimate(lower + share * (upper - lower))

    def tail_value_at_risk(self, percent: float) -> Estimate:
        """Acerbi and Tasche (2002): of the order statistic at the percentile only the part that
        the tail still needs."""
        rank = self._rank(percent)
        years = self._points * (1 - percent / 100)
        tail = self.losses[:, rank:].sum(axis=1)
        part = years - (self._points - rank)
        return self._estimate((tail + part * self.losses[:, rank - 1]) / years)

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        """P(S >= x) at losses spread evenly in their logarithm."""
        positive = self._pooled[np.searchsorted(self._pooled, 0.0, "right") :]
        if positive.size == 0:
            return ()
        first = positive[int(_CURVE_FROM * positive.size)]
        losses = np.unique(np.geomspace(first, positive[-1], points).clip(first, positive[-1]))
        curve = []
        for loss in losses.tolist():
            reached = [self._points - np.searchsorted(row, loss, "left") for row in self.losses]
            share = self._share(reached)
            low, high = share.lower, share.upper
            curve.append(
                ExceedancePoint(
                    loss=loss,
                    probability=share.value,
                    lower=share.value if low is None else low,
                    upper=share.value if high is None else high,
                )
            )
        return tuple(curve)

    @property
    def _points(self) -> int:
        return int(self.losses.shape[1])

    @cached_property
    def _pooled(self) -> Floats:
        return np.sort(self.losses, axis=None)

    def _rank(self, percent: float) -> int:
        return min(max(math.ceil(self._points * percent / 100), 1), self._points)

    def _share(self, years: Sequence[int] | Sequence[np.intp]) -> Estimate:
        share = self._estimate(np.asarray(years, dtype=np.float64) / self._points)
        upper = None if share.upper is None else min(1.0, share.upper)
        return Estimate(share.value, share.lower, upper)

    def _estimate(self, by_replicate: Floats) -> Estimate:
        replicates = by_replicate.size
        value = float(by_replicate.mean())
        error = float(by_replicate.std(ddof=1)) / math.sqrt(replicates)
        margin = float(stdtrit(replicates - 1, 0.975)) * error
        # A loss is never negative, so nothing that is said of it is.
        return Estimate(value, max(0.0, value - margin), value + margin)
