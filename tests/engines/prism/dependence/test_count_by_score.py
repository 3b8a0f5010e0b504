"""A score gives the number of events that its rank has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from engines.prism.dependence.count_by_score import CountByScore, look_up_counts
from engines.prism.event_count import EventCount
from engines.prism.scenario import BernoulliCount, NegativeBinomialCount, PoissonCount

SCORES = np.random.default_rng(9).standard_normal(50_000)

COUNTS = [
    EventCount(np.array([0.01]), np.ones(1), PoissonCount()),
    EventCount(np.array([0.5, 4.0]), np.array([0.3, 0.7]), PoissonCount()),
    EventCount(np.array([3.0]), np.ones(1), NegativeBinomialCount(0.5)),
    EventCount(np.array([2e4]), np.ones(1), PoissonCount()),
    EventCount(np.array([0.2]), np.ones(1), BernoulliCount()),
    EventCount(np.array([0.0]), np.ones(1), PoissonCount()),
]


def test_counts_are_the_quantiles_of_each_scenario() -> None:
    """The smallest n with P(N <= n) no less than the rank: few, many, clustered, none."""
    table = CountByScore.of(COUNTS)
    found = np.empty((len(COUNTS), SCORES.size), dtype=np.int64)
    look_up_counts(np.tile(SCORES, (len(COUNTS), 1)), table.arrays, found)

    for count, row in zip(COUNTS, found, strict=True):
        first, probabilities = count.probabilities
        below = np.cumsum(probabilities)[:-1]
        assert (row == first + np.searchsorted(below, special.ndtr(SCORES))).all()


@pytest.mark.parametrize("score", [-50.0, 50.0, 1e300])
def test_no_score_is_too_far_out(score: float) -> None:
    """The ends are the smallest and the largest count that is not negligible."""
    count = COUNTS[1]
    first, probabilities = count.probabilities
    found = np.empty((1, 1), dtype=np.int64)
    look_up_counts(np.array([[score]]), CountByScore.of([count]).arrays, found)

    assert found[0, 0] == (first if score < 0 else first + probabilities.size - 1)
