"""Sobol indices estimated from a function's values."""

from __future__ import annotations

import numpy as np

from engines.prism.distributions import Floats


def sobol_indices(at_a: Floats, at_b: Floats, at_mixed: Floats) -> tuple[Floats, Floats]:
    """Give the first-order and the total index of each input; zeros if the function is constant.

    `at_a` and `at_b` (n) are the values at two independent samples A and B; row i of `at_mixed`
    (d, n) those at A with its i-th input taken from B.

    Source: Saltelli et al., Computer Physics Communications 181 (2010), pp. 259-270, table 2: (b)
    for the first order, and (f), from Jansen, Computer Physics Communications 117 (1999),
    pp. 35-43, for the total.
    """
    variance = np.var(np.concatenate([at_a, at_b]))
    if variance == 0:
        return np.zeros(len(at_mixed)), np.zeros(len(at_mixed))
    first = np.mean(at_b * (at_mixed - at_a), axis=1) / variance
    total = np.mean((at_a - at_mixed) ** 2, axis=1) / (2 * variance)
    return first, total
