"""Whether two series are extreme together, which a correlation does not say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, owens_t, stdtr
from scipy.stats import rankdata

from engines.errors import InvalidInput
from engines.prism.binomial_intervals import proportion_interval
from engines.prism.correlation_analysis.aligned_series import Floats

MIN_TAIL_ROWS = 5
"""With fewer rows in a tail, its share would say nothing."""


@dataclass(frozen=True, kw_only=True)
class TailShare:
    """How often the second of a pair is in its tail when the first is, with its 95% interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class TailDependence:
    """The joint tails of a pair, beside what copulas of the same correlation would give."""

    lower: TailShare
    upper: TailShare
    tail_rows: int
    """In each tail, of each series."""
    gaussian_copula: float
    """The share for a Gaussian copula, at the same threshold."""
    t_copula_limit: float
    """The share for a t copula far out in the tail, where the Gaussian's goes to 0."""


def check_threshold(threshold: float, *, rows: int) -> None:
    """Refuse a threshold that leaves too few of all rows beyond it."""
    beyond = _tail_rows(rows, threshold)
    if beyond < MIN_TAIL_ROWS:
        expected = f"a threshold with at least {MIN_TAIL_ROWS} of {rows} rows beyond it"
        raise InvalidInput("tail.threshold", expected=expected, received=f"{threshold}: {beyond}")


def tail_dependence(
    x: Floats, y: Floats, *, threshold: float, pearson: float, degrees_of_freedom: float
) -> TailDependence | None:
    """Measure the tails beyond the `threshold` quantile of each series, and below its mirror.

    None where the two share too few rows for a tail of `MIN_TAIL_ROWS`.

    chi(u) = P(second > its u-quantile | first > its u-quantile): McNeil, Frey and Embrechts,
    Quantitative Risk Management (Princeton 2005), section 5.2.3, before the limit is taken. The
    k largest by rank are the tail; of ties at its edge the first in time belong to it. The interval
    is Clopper and Pearson's with the tail of the first series taken as given.

    `pearson` is that of the copula's normals. The t copula's limit is
    2 t_{v+1}(-sqrt((v + 1)(1 - r) / (1 + r))): Demarta and McNeil, "The t copula and related
    copulas", International Statistical Review 73(1), 2005.
    """
    rows = _tail_rows(len(x), threshold)
    if rows < MIN_TAIL_ROWS:
        return None
    ranks_x, ranks_y = rankdata(x, method="ordinal"), rankdata(y, method="ordinal")
    top = len(x) - rows
    odds = math.inf if pearson == -1 else (1 - pearson) / (1 + pearson)
    more = degrees_of_freedom + 1
    return TailDependence(
        lower=_share((ranks_x <= rows) & (ranks_y <= rows), rows),
        upper=_share((ranks_x > top) & (ranks_y > top), rows),
        tail_rows=rows,
        gaussian_copula=_gaussian_share(threshold, odds),
        t_copula_limit=float(2 * stdtr(more, -math.sqrt(more * odds))),
    )


def _tail_rows(rows: int, threshold: float) -> int:
    # 1 - 0.95 is a little above 0.05, 1 - 0.9 a little below 0.1: neither may lose a row.
    return math.floor(rows * (1 - threshold) + 1e-9)


def _share(both: NDArray[np.bool_], rows: int) -> TailShare:
    hits = int(np.count_nonzero(both))
    lower, upper = proportion_interval(hits, rows)
    return TailShare(value=hits / rows, lower=float(lower), upper=float(upper))


def _gaussian_share(threshold: float, odds: float) -> float:
    """Give P(Z2 > h | Z1 > h) of two normals, h the `threshold` quantile.

    P(Z1 > h, Z2 > h) = P(Z > h) - 2 T(h, sqrt((1 - r) / (1 + r))) with Owen's function T: Owen,
    Annals of Mathematical Statistics 27(4), 1956.
    """
    h = float(ndtri(threshold))
    beyond = float(ndtr(-h))
    return max(0.0, 1 - 2 * float(owens_t(h, math.sqrt(odds))) / beyond)
