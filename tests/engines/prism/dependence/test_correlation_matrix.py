"""Correlation matrices: what is refused, how the impossible is mended, and the factor."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput, Stopped
from engines.prism.dependence.correlation_matrix import (
    Floats,
    check_positive_semidefinite,
    cholesky_factor,
    correlation_matrix,
    is_positive_semidefinite,
    nearest_correlation,
    smallest_eigenvalue,
)

CONTRADICTION = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
"""The second moves with both others, which do not move with each other."""

seeds = st.integers(0, 2**32 - 1)


def of_rank(rank: int, *, size: int, seed: int) -> Floats:
    """Give a random correlation matrix of at most this rank."""
    vectors = np.random.default_rng(seed).standard_normal((size, rank))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    return correlation_matrix(vectors @ vectors.T, size=size)


def symmetric(*, size: int, seed: int) -> Floats:
    """Give random entries in [-1, 1] with a unit diagonal, rarely a correlation matrix."""
    entries = np.triu(np.random.default_rng(seed).uniform(-1, 1, (size, size)), 1)
    return np.asarray(entries + entries.T + np.eye(size))


def test_the_nearest_to_a_contradiction_is_as_printed() -> None:
    """Higham (2002), section 1: entries 0.7607 and 0.1573, at a distance of 0.5278."""
    nearest = nearest_correlation(CONTRADICTION)

    printed = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    assert np.array_equal(nearest.matrix.round(4), printed)
    assert round(nearest.distance, 4) == 0.5278


def test_the_nearest_to_a_second_difference_is_as_printed() -> None:
    """The matrix of -1, 2, -1 of size four, the example of the NAG Library's routine g02aaf."""
    second_difference = 2 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    nearest = nearest_correlation(second_difference)

    printed = [
        [1, -0.8084, 0.1916, 0.1068],
        [-0.8084, 1, -0.6562, 0.1916],
        [0.1916, -0.6562, 1, -0.8084],
        [0.1068, 0.1916, -0.8084, 1],
    ]
    assert np.array_equal(nearest.matrix.round(4), printed)


@given(seeds, st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_a_correlation_matrix_is_its_own_nearest(seed: int, rank: int) -> None:
    """There is nothing to mend, at full rank and below."""
    matrix = of_rank(rank, size=8, seed=seed)

    assert nearest_correlation(matrix).distance < 1e-9


@given(seeds, st.integers(3, 10))
@settings(max_examples=25, deadline=None)
def test_the_nearest_is_nearer_than_others(seed: int, size: int) -> None:
    """It passes the check itself, and no correlation matrix between it and others is nearer."""
    matrix = symmetric(size=size, seed=seed)
    nearest = nearest_correlation(matrix)

    check_positive_semidefinite(correlation_matrix(nearest.matrix, size=size))
    assert nearest.distance == pytest.approx(np.linalg.norm(nearest.matrix - matrix))
    for rank in range(1, size):
        other = of_rank(rank, size=size, seed=seed)
        for share in (1e-3, 0.1, 1):
            between = nearest.matrix + share * (other - nearest.matrix)
            assert nearest.distance <= np.linalg.norm(between - matrix) + 1e-8


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_variables_is_nothing_to_the_nearest(seed: int) -> None:
    """Renumbered before or after, the answer is the same."""
    matrix = symmetric(size=6, seed=seed)
    order = np.random.default_rng(seed).permutation(6)
    renumbered = nearest_correlation(matrix[np.ix_(order, order)]).matrix

    expected = nearest_correlation(matrix).matrix[np.ix_(order, order)]
    assert renumbered == pytest.approx(expected, abs=1e-8)


def test_a_repair_can_be_stopped() -> None:
    """It asks at every step whether it should go on."""

    def stop(fraction: float, message: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        nearest_correlation(CONTRADICTION, progress=stop)


@given(seeds, st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_the_factor_gives_the_matrix_back(seed: int, rank: int) -> None:
    """Lower triangular, rows of length one, L L' the matrix, at full rank and far below."""
    matrix = of_rank(rank, size=20, seed=seed)
    factor = cholesky_factor(matrix)

    assert np.array_equal(factor, np.tril(factor))
    assert factor @ factor.T == pytest.approx(matrix, abs=1e-6)
    assert np.linalg.norm(factor, axis=1) == pytest.approx(np.ones(20), abs=1e-15)


def test_the_factor_of_a_definite_matrix_is_choleskys() -> None:
    """LAPACK's, to the last digits."""
    matrix = of_rank(40, size=20, seed=1)

    assert cholesky_factor(matrix) == pytest.approx(np.linalg.cholesky(matrix), abs=1e-13)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_factor_of_two_that_move_as_one(sign: int) -> None:
    """A perfect correlation needs one source of randomness."""
    factor = cholesky_factor(np.array([[1.0, sign], [sign, 1]]))

    assert factor.tolist() == [[1, 0], [sign, 0]]


def test_a_large_repaired_matrix_can_be_factored() -> None:
    """A hundred variables of random correlations: the repair is singular, and factors still."""
    repaired = nearest_correlation(symmetric(size=100, seed=3)).matrix
    factor = cholesky_factor(repaired)

    assert is_positive_semidefinite(repaired)
    assert factor @ factor.T == pytest.approx(repaired, abs=1e-6)


def test_a_contradiction_is_refused_with_its_smallest_eigenvalue() -> None:
    """Of Higham's matrix it is 1 - sqrt 2."""
    assert smallest_eigenvalue(CONTRADICTION) == pytest.approx(1 - math.sqrt(2))
    with pytest.raises(InvalidInput, match=r"smallest eigenvalue -0\.414214") as refusal:
        check_positive_semidefinite(CONTRADICTION, field="dependence.matrix")
    assert refusal.value.field == "dependence.matrix"


def test_rounding_is_forgiven() -> None:
    """A singular matrix whose entries were computed is not refused for their last digits."""
    third = 0.1 * 3
    rows = [[1.0, third, 1], [0.3, 1 + 1e-15, third], [1 - 1e-15, 0.3, 1]]
    matrix = correlation_matrix(rows, size=3)

    check_positive_semidefinite(matrix)
    assert np.array_equal(matrix, matrix.T)
    assert np.diag(matrix).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("rows", "field", "expected"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], "matrix", "3 rows"),
        ([], "matrix", "3 rows"),
        ([[1.0, 0.0, 0.0], [0.0, 1.0], [0.0, 0.0, 1.0]], "matrix.1", "3 numbers"),
        ([[1, 0, 0], [0, 1, math.nan], [0, math.nan, 1]], "matrix.1.2", "in [-1, 1]"),
        ([[1, 0, math.inf], [0, 1, 0], [math.inf, 0, 1]], "matrix.0.2", "in [-1, 1]"),
        ([[1, 0, 0], [0, 1, 1.5], [0, 1.5, 1]], "matrix.1.2", "in [-1, 1]"),
        ([[1, 0, 0], [0, 0.9, 0], [0, 0, 1]], "matrix.1.1", "1 on the diagonal"),
        ([[1, 0.25, 0], [0, 1, 0], [0, 0, 1]], "matrix.0.1", "0, as at 1.0"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(
    rows: list[list[float]], field: str, expected: str
) -> None:
    """By position, with what was expected there."""
    with pytest.raises(InvalidInput) as refusal:
        correlation_matrix(rows, size=3)
    assert refusal.value.field == field
    assert expected in refusal.value.expected


def test_one_variable_is_a_matrix() -> None:
    """The smallest case is an ordinary one."""
    matrix = correlation_matrix([[1.0]], size=1)

    check_positive_semidefinite(matrix)
    assert cholesky_factor(matrix).tolist() == [[1]]
    assert nearest_correlation(matrix).distance == 0
