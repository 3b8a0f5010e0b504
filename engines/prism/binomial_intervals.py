"""95% intervals from counting: for a probability, and for a percentile by its ranks.

Both are exact: whatever the losses are, the number of n independent years on one side of a value
is binomial. Nothing is assumed of the tail, and no interval is too short for being in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrik, betaincinv

CONFIDENCE: Final = 0.95
_TAIL = (1 - CONFIDENCE) / 2


def proportion_interval(
    successes: ArrayLike, trials: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the lower and upper limit of the probability behind `successes` out of `trials`.

    Source: Clopper and Pearson, Biometrika 26(4), 1934, p. 404; by beta quantiles as in Brown, Cai
    and DasGupta, Statistical Science 16(2), 2001, section 4.2.1. It covers at least 95% of the
    time for every probability; Wilson's interval is shorter but dips below that near 0.
    """
    hits = np.asarray(successes, dtype=np.float64)
    misses = trials - hits
    # The outer maximum keeps the beta's parameters legal where `where` then overrides the answer.
    lower = betaincinv(np.maximum(hits, 1), misses + 1, _TAIL)
    upper = betaincinv(hits + 1, np.maximum(misses, 1), 1 - _TAIL)
    return np.where(hits == 0, 0.0, lower), np.where(misses == 0, 1.0, upper)


def percentile_ranks(fraction: float, trials: int) -> tuple[int | None, int | None]:
    """Give the ranks (1 is the smallest) whose order statistics enclose a percentile.

    The largest r and smallest s with P(B < r) <= 2.5% and P(B >= s) <= 2.5% for B ~ binomial
    (trials, fraction): B years lie at or below the percentile, so X(r) <= percentile <= X(s) but
    for 5%. `None` where the sample is too small to have such a rank.

    Source: David and Nagaraja, Order Statistics (3rd ed., Wiley 2003), section 7.1.
    """
    r = _quantile(_TAIL, fraction, trials)
    s = _quantile(1 - _TAIL, fraction, trials) + 1
    return (r if r >= 1 else None), (s if s <= trials else None)


def _quantile(probability: float, fraction: float, trials: int) -> int:
    """Give the smallest k with P(B <= k) >= probability."""
    k = int(bdtrik(probability, trials, fraction))
    # bdtrik is a root of a continuous extension, right to a few units; the rest is counting.
    while k > 0 and bdtr(k - 1, trials, fraction) >= probability:
        k -= 1
    while bdtr(k, trials, fraction) < probability:
        k += 1
    return k
