"""Quantiles of numbers of things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from engines.prism.distributions.distribution import Floats

LARGEST_COUNT: Final = 1e10
"""The largest mean of a count. Every number of things it can come to is still exact in a double."""


def smallest_count(rising: Callable[[Floats], Floats], level: Floats, guess: Floats) -> Floats:
    """Give, for each level, the smallest whole number from 0 up where `rising` is at least that.

    `rising` grows, as a distribution function does. Where the answers lie close together it is
    tabulated between the outermost two; otherwise each is searched for from its guess.
    """
    level, guess = np.broadcast_arrays(level, guess)
    if level.size > 2:
        outer = [int(level.argmin()), int(level.argmax())]
        first, last = _searched(rising, level.flat[outer], guess.flat[outer])
        if last - first < level.size:
            counts = np.arange(first, last + 1)
            # The last digit of an incomplete gamma or beta function may fall where it should rise.
            reached = np.maximum.accumulate(rising(counts))
            return counts[np.minimum(np.searchsorted(reached, level), counts.size - 1)]
    return _searched(rising, level, guess)


def cornish_fisher(mean: float, variance: float, skewness: float, z: Floats) -> Floats:
    """Guess the value that lies where `z` lies in a standard normal.

    Source: Cornish and Fisher, Revue de l'Institut international de statistique 5 (1938), the
    first term of the expansion.
    """
    return np.asarray(mean + np.sqrt(variance) * (z + skewness * (z * z - 1) / 6))


def _searched(rising: Callable[[Floats], Floats], level: Floats, guess: Floats) -> Floats:
    """Stride out from each guess until the place lies between two numbers, then halve."""
    high = np.maximum(np.ceil(guess), 0)
    low = high - 1
    stride = 1.0
    while (short := rising(high) < level).any():
        low = np.where(short, high, low)
        high = np.where(short, high + stride, high)
        stride *= 2
    stride = 1.0
    while (beyond := (low >= 0) & (rising(np.maximum(low, 0)) >= level)).any():
        high = np.where(beyond, low, high)
        low = np.where(beyond, np.maximum(low - stride, -1), low)
        stride *= 2
    while (apart := high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = rising(np.maximum(middle, 0)) >= level
        high = np.where(apart & reached, middle, high)
        low = np.where(apart & ~reached, middle, low)
    return high
