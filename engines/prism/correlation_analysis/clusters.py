"""Which series belong together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

from engines.prism.correlation_analysis.aligned_series import Floats

Linkage = Literal["average", "single", "complete"]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Two clusters become one. Below the number of series an index is a series, from there on it
    is the cluster that the merge of that place, counted on, made."""

    left: int
    right: int
    distance: float
    size: int
    """Series in the new cluster."""


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """A tree of series."""

    order: tuple[int, ...]
    """The series, those that move together beside each other."""
    merges: tuple[Merge, ...]
    """From the nearest to the farthest."""
    groups: tuple[tuple[int, ...], ...]
    """The series of each cluster that is left when the tree is cut, in `order`."""


def distance(correlation: Floats) -> Floats:
    """Give sqrt(2 (1 - r)): 0 together, sqrt 2 unrelated, 2 opposed.

    Euclid's distance of series scaled to length one: Mantegna, "Hierarchical structure in financial
    markets", European Physical Journal B 11, 1999. sqrt((1 - r) / 2), used as well, is half of it
    and gives the same tree.
    """
    return np.asarray(np.sqrt(2 * np.maximum(0, 1 - correlation)))


def clusters(matrix: Floats, *, method: Linkage, together_at: float) -> Clusters:
    """Cluster by a correlation matrix and cut where series correlate less than `together_at`.

    Single linkage is Mantegna's (the minimum spanning tree); average linkage chains less. The
    order of the leaves is the best of those the tree allows: Bar-Joseph, Gifford and Jaakkola,
    Bioinformatics 17 (supplement 1), 2001.
    """
    tree = linkage(squareform(distance(matrix), checks=False), method=method, optimal_ordering=True)
    cut = fcluster(tree, math.sqrt(2 * (1 - together_at)), criterion="distance")
    order = [int(leaf) for leaf in leaves_list(tree)]
    groups: dict[int, list[int]] = {}
    for leaf in order:
        groups.setdefault(int(cut[leaf]), []).append(leaf)
    return Clusters(
        order=tuple(order),
        merges=tuple(
            Merge(left=int(left), right=int(right), distance=float(at), size=int(size))
            for left, right, at, size in tree
        ),
        groups=tuple(tuple(group) for group in groups.values()),
    )
