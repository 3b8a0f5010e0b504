"""All correlations of one measure, and whether any variables can have them at once."""

from __future__ import annotations

from dataclasses import dataclass

from engines.prism.correlation_analysis.aligned_series import Floats
from engines.prism.dependence.correlation_matrix import (
    is_positive_semidefinite,
    nearest_correlation,
    smallest_eigenvalue,
)
from engines.progress import Progress, unreported


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredMatrix:
    """A matrix of correlations as measured, or repaired."""

    matrix: Floats
    smallest_eigenvalue: float
    """As measured."""
    positive_semidefinite: bool
    """As measured, rounding forgiven."""
    repair_distance: float | None
    """Frobenius distance from what was measured; None where nothing was repaired."""


def measured_matrix(
    correlations: Floats, *, repair: bool, progress: Progress = unreported
) -> MeasuredMatrix:
    """Judge a matrix of correlations, and when asked replace an impossible one by the nearest."""
    possible = is_positive_semidefinite(correlations)
    matrix, distance = correlations, None
    if repair and not possible:
        matrix, distance = nearest_correlation(correlations, progress=progress)
    return MeasuredMatrix(
        matrix=matrix,
        smallest_eigenvalue=smallest_eigenvalue(correlations),
        positive_semidefinite=possible,
        repair_distance=distance,
    )
