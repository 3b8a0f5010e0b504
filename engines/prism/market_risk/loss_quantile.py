"""Quantiles of a sample of losses, by the convention that the caller names."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from engines.prism.market_risk.forecast import Vector

Convention = Literal[
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]
"""The first nine are the definitions of Hyndman and Fan, The American Statistician 50(4), 1996,
under NumPy's names and in their order; the others are NumPy's alone."""

CONVENTIONS: tuple[Convention, ...] = get_args(Convention)


def exact_share(percent: float) -> Fraction:
    """Give a level as the decimal it was written as: 99.9 is 999/1000, not a neighbour of it."""
    return Fraction(repr(float(percent))) / 100


def quantile(losses: Vector, percent: float, convention: Convention) -> float:
    """Give the loss that `percent` per cent of the sample do not exceed.

    `inverted_cdf` is the definition of VaR, the smallest loss x with F(x) >= p (Artzner, Delbaen,
    Eber and Heath, Mathematical Finance 9(3), 1999): the ceil(n p)-th smallest.
    """
    if convention == "inverted_cdf":
        # In floating point 0.999 * 1000 lies above 999, and the next loss would be taken.
        rank = math.ceil(exact_share(percent) * losses.size)
        return float(np.partition(losses, rank - 1)[rank - 1])
    return float(np.quantile(losses, percent / 100, method=convention))


def weighted_quantile(losses: Vector, weights: Vector, percent: float) -> float:
    """Give the smallest loss with at least `percent` per cent of the weight at or below it.

    The weights sum to one; this is `inverted_cdf` where they are equal.
    """
    order = np.argsort(losses, kind="stable")
    # Sums of weights are right to a few units in the last place only.
    at = np.searchsorted(np.cumsum(weights[order]), percent / 100 - 1e-12)
    return float(losses[order[min(int(at), losses.size - 1)]])
