"""The correlation matrix of many series and few rows, drawn towards no correlation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.covariance import ledoit_wolf

from engines.prism.correlation_analysis.aligned_series import AlignedSeries, Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class ShrunkCorrelation:
    """A correlation matrix that is positive definite however few the rows."""

    matrix: Floats
    shrinkage: float
    """In [0, 1]: the share of every correlation that was taken for noise."""


def shrunk_correlation(series: AlignedSeries) -> ShrunkCorrelation:
    """Shrink the Pearson correlations of complete series by the share that estimates best.

    Source: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
    matrices", Journal of Multivariate Analysis 88(2), 2004. The series are scaled to unit variance
    first, which makes the target, a multiple of the identity, the matrix of no correlation.
    """
    centred = series.values - series.values.mean(axis=0)
    centred /= np.abs(centred).max(axis=0)
    covariance, shrinkage = ledoit_wolf(centred / centred.std(axis=0), assume_centered=True)
    np.fill_diagonal(covariance, 1)
    return ShrunkCorrelation(matrix=np.clip(covariance, -1, 1), shrinkage=float(shrinkage))
