"""The loss exceedance curve of a known distribution."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.distributions import Floats

CURVE_FROM: Final = 0.01
"""The curve begins at this share of the years with a loss: below lies nothing to see."""
CURVE_TO: Final = 1e-6
"""The curve ends at the loss that years exceed with this probability, or less often."""
LONG_TAIL: Final = 0.01
"""Where a loss itself is about as rare, the curve ends at this share of the years with one."""


class KnownLoss(Protocol):
    """What a curve is drawn from."""

    def probability_of_loss(self) -> Estimate: ...

    def probability_above(self, amount: float) -> Estimate: ...

    def quantile(self, u: Floats) -> Floats: ...


def exceedance_curve(loss: KnownLoss, points: int) -> tuple[ExceedancePoint, ...]:
    """Give P(S >= x) for up to `points` losses, evenly spread in their logarithm, ascending."""
    likely = loss.probability_of_loss().value
    if likely <= 0:
        return ()
    least = min(CURVE_TO, LONG_TAIL * likely)
    ends = loss.quantile(1 - np.array([(1 - CURVE_FROM) * likely, least]))
    if not ends[0] > 0:
        return ()
    losses = np.unique(np.geomspace(ends[0], ends[1], points))
    curve = [_point(loss, float(each)) for each in losses]
    for place, point in enumerate(curve[1:], start=1):
        # Rounding may lift a point in its last digits; a curve of exceedance never rises.
        curve[place] = ExceedancePoint(
            loss=point.loss,
            probability=min(point.probability, curve[place - 1].probability),
            lower=min(point.lower, curve[place - 1].lower),
            upper=min(point.upper, curve[place - 1].upper),
        )
    return tuple(curve)


def _point(loss: KnownLoss, amount: float) -> ExceedancePoint:
    reached = loss.probability_above(float(np.nextafter(amount, 0)))
    return ExceedancePoint(
        loss=amount,
        probability=reached.value,
        lower=reached.value if reached.lower is None else reached.lower,
        upper=reached.value if reached.upper is None else reached.upper,
    )
