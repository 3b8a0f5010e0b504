"""How many events a year has, and in how many of them there is a secondary loss."""

from __future__ import annotations

import math

import numpy as np

from engines.prism.distributions import Floats


def pair_probabilities(least: int, counts: Floats, occurrence: float) -> Floats:
    """Give P(N = n, M = m) for n from `least`, and m from 0 to n within each, in that order.

    `counts` is P(N = n) from `least` on; given n, M is binomial (n, occurrence). Source: Klugman,
    Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 6.4 (the binomial distribution).
    """
    return np.concatenate(
        [
            probability * _binomial(least + place, occurrence)
            for place, probability in enumerate(counts.tolist())
        ]
    )


def _binomial(n: int, p: float) -> Floats:
    hits = np.arange(n + 1)
    ways = np.array([math.comb(n, m) for m in range(n + 1)], dtype=np.float64)
    return np.asarray(ways * p**hits * (1 - p) ** (n - hits))
