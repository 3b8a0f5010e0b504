"""The correlation of every pair of series, with interval and p-value.

All of it takes rows to be independent of each other. Rows that follow each other in time and
resemble each other hold less information: the intervals are then too short, the p-values too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import betainc, ndtri

from engines.prism.binomial_intervals import CONFIDENCE
from engines.prism.correlation_analysis.aligned_series import AlignedSeries, Floats
from engines.progress import Progress, unreported

Measure = Literal["pearson", "spearman", "kendall"]

_NORMAL_QUANTILE: Final = float(ndtri((1 + CONFIDENCE) / 2))


@dataclass(frozen=True, kw_only=True, eq=False)
class PairCorrelations:
    """One entry a pair i < j of series, in the order of `numpy.triu_indices`."""

    size: int
    """Of the matrix: the number of series."""
    observations: NDArray[np.int64]
    """Rows that both of a pair have."""
    value: Floats
    lower: Floats
    """Of the 95% interval."""
    upper: Floats
    p_value: Floats
    """Of no dependence at all, two-sided."""
    adjusted_p_value: Floats
    """After Benjamini and Hochberg, over all pairs: among the pairs below 0.05, at most a twentieth
    is expected to be there by chance."""

    @property
    def matrix(self) -> Floats:
        """The symmetric matrix with a unit diagonal."""
        matrix = np.eye(self.size)
        matrix[np.triu_indices(self.size, 1)] = self.value
        return np.asarray(matrix + matrix.T - np.eye(self.size))


def pair_correlations(
    series: AlignedSeries, measure: Measure, *, progress: Progress = unreported
) -> PairCorrelations:
    """Measure every pair.

    Adjustment for many pairs: Benjamini and Hochberg, Journal of the Royal Statistical Society B
    57(1), 1995.
    """
    size = len(series.names)
    pairs = np.column_stack(np.triu_indices(size, 1))
    value, p_value = np.empty(len(pairs)), np.empty(len(pairs))
    observations = np.empty(len(pairs), dtype=np.int64)
    for index, (first, second) in enumerate(pairs):
        progress(index / len(pairs), f"{measure} correlation of {len(pairs)} pairs")
        x, y = series.pair(first, second)
        observations[index] = len(x)
        value[index], p_value[index] = correlation(x, y, measure)
    lower, upper = interval(value, observations, measure)
    return PairCorrelations(
        size=size,
        observations=observations,
        value=value,
        lower=lower,
        upper=upper,
        p_value=p_value,
        adjusted_p_value=np.asarray(stats.false_discovery_control(p_value)),
    )


def correlation(x: Floats, y: Floats, measure: Measure) -> tuple[float, float]:
    """Give a correlation of two columns that vary, and its two-sided p-value.

    Pearson: Student's t with n - 2 degrees of freedom, exact for normal data. Spearman: Pearson's
    of the mid-ranks and the same t, Kendall and Stuart, The Advanced Theory of Statistics 2,
    section 31.19. Kendall: tau-b, exact p-value for few rows without ties and else normal with the
    variance for ties; Kendall, Biometrika 30, 1938, and Rank Correlation Methods (4th ed., 1970).
    """
    if measure == "kendall":
        tau, p_value = stats.kendalltau(x, y)
        return float(tau), float(p_value)
    if measure == "spearman":
        x, y = stats.rankdata(x), stats.rankdata(y)
    value = pearson(x, y)
    # P(|T| > t) for t^2 = (n - 2) r^2 / (1 - r^2), as an incomplete beta function of 1 - r^2.
    return value, float(betainc((len(x) - 2) / 2, 0.5, (1 - value) * (1 + value)))


def pearson(x: Floats, y: Floats) -> float:
    """Give the product-moment correlation of two columns that vary."""
    return float(np.clip(_direction(x) @ _direction(y), -1, 1))


def interval(
    value: Floats, observations: NDArray[np.int64], measure: Measure
) -> tuple[Floats, Floats]:
    """Give the limits of the 95% interval, normal on the scale of artanh.

    Standard errors there: Pearson 1 / sqrt(n - 3), Fisher, Metron 1, 1921; Spearman
    sqrt((1 + r^2 / 2) / (n - 3)) and Kendall sqrt(0.437 / (n - 4)), Bonett and Wright,
    Psychometrika 65(1), 2000, good for |Spearman| < 0.95 and |Kendall| < 0.8.
    """
    if measure == "kendall":
        error = np.sqrt(0.437 / (observations - 4))
    elif measure == "spearman":
        error = np.sqrt((1 + value**2 / 2) / (observations - 3))
    else:
        error = 1 / np.sqrt(observations - 3)
    with np.errstate(divide="ignore"):  # a correlation of 1 is infinite there, and 1 again here
        centre = np.arctanh(value)
    half = _NORMAL_QUANTILE * error
    return np.asarray(np.tanh(centre - half)), np.asarray(np.tanh(centre + half))


def _direction(column: Floats) -> Floats:
    """Give the centred column at length 1, by way of its largest entry: no square overflows."""
    centred = column - column.mean()
    centred /= np.abs(centred).max()
    return np.asarray(centred / np.linalg.norm(centred))
