"""Clusters by correlation."""

from __future__ import annotations

import numpy as np
import pytest

from engines.prism.correlation_analysis.aligned_series import Floats
from engines.prism.correlation_analysis.clusters import Linkage, clusters, distance

LINKAGES: tuple[Linkage, ...] = ("average", "single", "complete")


def two_families() -> Floats:
    """Series 0, 2, 4 correlate at 0.8, series 1, 3 at 0.6, across at 0.1."""
    family = np.array([0, 1, 0, 1, 0])
    matrix = np.where(family[:, None] == family, np.where(family == 0, 0.8, 0.6), 0.1)
    np.fill_diagonal(matrix, 1)
    return matrix


def test_distances_are_mantegnas() -> None:
    """0 together, sqrt 2 unrelated, 2 opposed."""
    assert distance(np.array([1.0, 0, -1])).tolist() == [0, 2**0.5, 2]


@pytest.mark.parametrize("method", LINKAGES)
def test_families_are_found(method: Linkage) -> None:
    """Each together in the order and in a group of its own."""
    answer = clusters(two_families(), method=method, together_at=0.5)

    assert {frozenset(group) for group in answer.groups} == {
        frozenset({0, 2, 4}),
        frozenset({1, 3}),
    }
    assert [index for group in answer.groups for index in group] == list(answer.order)


def test_merges_are_at_the_distance_of_their_correlation() -> None:
    """The nearest first: 0.8 twice, then 0.6, at last 0.1 with all five."""
    merges = clusters(two_families(), method="single", together_at=0.5).merges

    expected = distance(np.array([0.8, 0.8, 0.6, 0.1]))
    assert [merge.distance for merge in merges] == pytest.approx(expected)
    assert merges[-1].size == 5


@pytest.mark.parametrize(("together_at", "groups"), [(1.0, 5), (-1.0, 1), (0.7, 3)])
def test_the_cut_decides_how_many(together_at: float, groups: int) -> None:
    """All apart where only equals belong together, all one where anything does."""
    answer = clusters(two_families(), method="average", together_at=together_at)

    assert len(answer.groups) == groups


@pytest.mark.parametrize("method", LINKAGES)
def test_renumbering_the_series_changes_no_group(method: Linkage) -> None:
    """Groups are of series, not of places."""
    order = np.array([3, 0, 4, 2, 1])
    renumbered = clusters(two_families()[np.ix_(order, order)], method=method, together_at=0.5)

    found = {frozenset(order[list(group)].tolist()) for group in renumbered.groups}
    assert found == {frozenset({0, 2, 4}), frozenset({1, 3})}


def test_two_series_are_a_tree() -> None:
    """The smallest there is."""
    answer = clusters(np.eye(2), method="average", together_at=0.5)

    assert sorted(answer.order) == [0, 1]
    assert len(answer.merges) == 1
