"""Quantiles that were seen or said, beside those of a fitted distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.prism.distributions import Distribution, Floats

MOST_PAIRS: Final = 100


@dataclass(frozen=True, kw_only=True)
class QuantilePair:
    """The value below which `percent` lies."""

    percent: float
    seen: float
    fitted: float


def quantile_pairs(distribution: Distribution, ascending: Floats) -> tuple[QuantilePair, ...]:
    """Set each value against the quantile of its place, (i - 1/2) / n for the i-th of n.

    Of more than a hundred values, a hundred evenly spread, the least and the largest among them.
    Source of the places: Hazen, Transactions of the ASCE 77, 1914.
    """
    size = ascending.size
    ranks = np.unique(np.linspace(0, size - 1, min(size, MOST_PAIRS)).round().astype(np.intp))
    places = (ranks + 0.5) / size
    rows = zip(places, ascending[ranks], distribution.quantile(places), strict=True)
    return tuple(
        QuantilePair(percent=100 * float(place), seen=float(seen), fitted=float(fitted))
        for place, seen, fitted in rows
    )
