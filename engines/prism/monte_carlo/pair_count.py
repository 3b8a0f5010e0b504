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
    numbers = np.arange(least, least + counts.size)
    n = np.repeat(numbers, numbers + 1)
    m = np.concatenate([np.arange(number + 1) for number in numbers])
    ways = np.array([math.comb(*pair) for pair in zip(n.tolist(), m.tolist(), strict=True)], float)
    binomial = ways * occurrence**m * (1 - occurrence) ** (n - m)
    return np.asarray(np.repeat(counts, numbers + 1) * binomial)
