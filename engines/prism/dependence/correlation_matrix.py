"""Correlation matrices that somebody hands in: checked, mended when asked, and factored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.progress import Progress, unreported

Floats = NDArray[np.float64]

ROUNDING: Final = 1e-9
"""What is closer than this to symmetric, to a unit diagonal or to [-1, 1] was rounded on its way,
and is set right without a word."""
MAX_ITERATIONS: Final = 2000
"""Of the alternating projections. They converge linearly: tens to hundreds are usual."""
_CONVERGED: Final = 1e-11


class NearestCorrelation(NamedTuple):
    """A correlation matrix, and how far it is from what it was made from."""

    matrix: Floats
    distance: float
    """The Frobenius norm of the difference: the root of the sum of squares over all entries."""


def correlation_matrix(
    rows: Sequence[Sequence[float]] | Floats, *, size: int, field: str = "matrix"
) -> Floats:
    """Give `rows` as a symmetric array of shape (size, size) with a unit diagonal.

    Refused by position are a wrong size, NaN and infinity, entries outside [-1, 1], a diagonal
    that is not 1 and a pair that differs. Whether it is positive semi-definite is not looked at.
    """
    if len(rows) != size:
        raise InvalidInput(field, expected=f"{size} rows", received=len(rows))
    for i, row in enumerate(rows):
        if len(row) != size:
            raise InvalidInput(f"{field}.{i}", expected=f"{size} numbers", received=len(row))
    matrix = np.array(rows, dtype=np.float64).reshape(size, size)
    # A NaN keeps no inequality, so it is found here as well.
    _refuse(field, ~(np.abs(matrix) <= 1 + ROUNDING), matrix, "a correlation in [-1, 1]")
    off = np.abs(np.diag(matrix) - 1) > ROUNDING
    _refuse(field, np.diag(off), matrix, "1 on the diagonal")
    for i, j in np.argwhere(np.abs(matrix - matrix.T) > ROUNDING)[:1]:
        mirrored = f"{matrix[j, i]:.12g}, as at {j}.{i}: the matrix is symmetric"
        raise InvalidInput(f"{field}.{i}.{j}", expected=mirrored, received=f"{matrix[i, j]:.12g}")
    matrix = np.clip((matrix + matrix.T) / 2, -1, 1)
    np.fill_diagonal(matrix, 1)
    return matrix


def smallest_eigenvalue(matrix: Floats) -> float:
    """Give the smallest eigenvalue: negative for what no variables can have as correlations."""
    return float(np.linalg.eigvalsh(matrix)[0])


def is_positive_semidefinite(matrix: Floats) -> bool:
    """Whether some variables can have these correlations, rounding forgiven."""
    return smallest_eigenvalue(matrix) >= -_noise(matrix)


def check_positive_semidefinite(matrix: Floats, *, field: str = "matrix") -> None:
    """Refuse correlations that contradict each other, with the smallest eigenvalue."""
    smallest = smallest_eigenvalue(matrix)
    if smallest < -_noise(matrix):
        raise InvalidInput(
            field,
            expected="a positive semi-definite matrix: these correlations contradict each other",
            received=f"smallest eigenvalue {smallest:.6g}",
        )


def nearest_correlation(matrix: Floats, *, progress: Progress = unreported) -> NearestCorrelation:
    """Give the correlation matrix nearest to a symmetric one in the Frobenius norm.

    Alternating projections onto the positive semi-definite matrices and onto those of unit
    diagonal, with Dykstra's correction of the former: Higham, "Computing the nearest correlation
    matrix: a problem from finance", IMA Journal of Numerical Analysis 22, 2002, algorithm 3.3 with
    W = I. The last iterate is scaled to a unit diagonal, so that the answer is positive
    semi-definite to rounding, even when `MAX_ITERATIONS` end the search a little early.
    """
    nearest, correction = matrix, np.zeros_like(matrix)
    semidefinite = matrix
    for iteration in range(MAX_ITERATIONS):
        # Unknown until it is reached; the fraction only says that it goes on.
        progress(iteration / MAX_ITERATIONS, "repairing the correlation matrix")
        corrected = nearest - correction
        semidefinite = _without_negative_eigenvalues(corrected)
        correction = semidefinite - corrected
        nearest = semidefinite.copy()
        np.fill_diagonal(nearest, 1)
        if np.abs(nearest - semidefinite).max() <= _CONVERGED:
            break
    scale = 1 / np.sqrt(np.diag(semidefinite))
    scaled = np.clip(semidefinite * scale * scale[:, None], -1, 1)
    np.fill_diagonal(scaled, 1)
    return NearestCorrelation(scaled, float(np.linalg.norm(scaled - matrix)))


def cholesky_factor(matrix: Floats) -> Floats:
    """Give the lower triangular L of a positive semi-definite correlation matrix L L'.

    Right-looking Cholesky (Golub and Van Loan, Matrix Computations, 4th ed., section 4.2.5), where
    a variable that the earlier ones determine gets a zero column instead of a division by nothing.
    Each row is scaled to length 1, so that L z has unit variances. It adds, multiplies, divides and
    takes roots of single numbers and nothing else: every processor gives the same bits, which those
    of LAPACK do not.
    """
    rest = matrix.copy()
    factor = np.zeros_like(rest)
    for k in range(len(rest)):
        if rest[k, k] > _noise(matrix):
            column = rest[k:, k] / np.sqrt(rest[k, k])
            factor[k:, k] = column
            rest[k:, k:] -= column[:, None] * column
    squares = np.zeros(len(rest))
    for column in factor.T:
        squares += column * column
    return np.asarray(factor / np.sqrt(squares)[:, None])


def _without_negative_eigenvalues(matrix: Floats) -> Floats:
    """Give the nearest positive semi-definite matrix: Higham (2002), theorem 3.2."""
    values, vectors = np.linalg.eigh(matrix)
    product = (vectors * np.maximum(values, 0)) @ vectors.T
    return np.asarray((product + product.T) / 2)


def _noise(matrix: Floats) -> float:
    """What rounding may make of an eigenvalue or a pivot of zero."""
    return 1e-14 * len(matrix) ** 2


def _refuse(field: str, wrong: NDArray[np.bool_], matrix: Floats, expected: str) -> None:
    for i, j in np.argwhere(wrong)[:1]:
        raise InvalidInput(f"{field}.{i}.{j}", expected=expected, received=f"{matrix[i, j]:.12g}")
