"""Quantiles of numbers of things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.prism.distributions.distribution import Floats

LARGEST_COUNT: Final = 1e10
"""The largest mean of a count. Every number of things it can come to is still exact in a double."""


def smallest_count(enough: Callable[[Floats], NDArray[np.bool_]], guess: Floats) -> Floats:
    """Give, for each element, the smallest whole number from 0 up where `enough` is true.

    `enough` is false and then true for ever, element by element, as a distribution function
    against a probability is. From the guess it strides out until it has the place between two
    numbers and then halves, so that a good guess costs a few calls and a bad one thirty.
    """
    high = np.maximum(np.ceil(guess), 0)
    low = high - 1
    stride = 1.0
    while (short := ~enough(high)).any():
        low = np.where(short, high, low)
        high = np.where(short, high + stride, high)
        stride *= 2
    stride = 1.0
    while (beyond := (low >= 0) & enough(np.maximum(low, 0))).any():
        high = np.where(beyond, low, high)
        low = np.where(beyond, np.maximum(low - stride, -1), low)
        stride *= 2
    while (apart := high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = enough(np.maximum(middle, 0))
        high = np.where(apart & reached, middle, high)
        low = np.where(apart & ~reached, middle, low)
    return high


def cornish_fisher(mean: float, variance: float, skewness: float, z: Floats) -> Floats:
    """Guess the value that lies where `z` lies in a standard normal.

    Source: Cornish and Fisher, Revue de l'Institut international de statistique 5 (1938), the
    first term of the expansion. The skewness is held back where the expansion makes no sense.
    """
    return np.asarray(mean + np.sqrt(variance) * (z + min(skewness, 1.0) * (z * z - 1) / 6))
