"""How many simulated years an answer needs to be as precise as asked."""

from __future__ import annotations

import math
from typing import Final

from engines.prism.annual_loss_answers import AnnualLossAnswers

_MARGIN: Final = 1.2
"""More years than a first look says, because what it says of its own interval is uncertain too."""


def relative_half_width(loss: AnnualLossAnswers, percent: float) -> float | None:
    """Give half the interval of a percentile as a share of it; `None` where it has none."""
    estimate = loss.percentile(percent)
    if estimate.lower is None or estimate.upper is None:
        return None
    if estimate.lower == estimate.upper:
        return 0.0
    if estimate.value == 0:
        return None
    return (estimate.upper - estimate.lower) / 2 / estimate.value


def trials_needed(
    first_look: AnnualLossAnswers, trials: int, *, percent: float, wanted: float, most: int
) -> int:
    """Give how many years make the interval of a percentile narrow enough, `most` at the most.

    The first look of `trials` years shows how wide it is, and it narrows with the square root of
    the years: David and Nagaraja, Order Statistics (3rd ed., Wiley 2003), section 10.2 (central
    order statistics are asymptotically normal with variance p (1 - p) / (n f^2)).
    """
    width = relative_half_width(first_look, percent)
    if width is None:
        return most
    if width <= wanted:
        return trials
    return min(most, math.ceil(_MARGIN * trials * (width / wanted) ** 2))
