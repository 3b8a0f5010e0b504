"""Intervals from counting cover at least 95%, and no wider than they must be."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from engines.prism.binomial_intervals import percentile_ranks, proportion_interval

TAIL = Fraction(25, 1000)


def below(rank: int, fraction: Fraction, trials: int) -> Fraction:
    """P(B < rank) for a binomial B, exactly."""
    return sum(
        (
            comb(trials, hits) * fraction**hits * (1 - fraction) ** (trials - hits)
            for hits in range(rank)
        ),
        Fraction(0),
    )


@pytest.mark.parametrize("trials", [1, 2, 5, 6, 10, 37, 100, 400])
@pytest.mark.parametrize("percent", ["0.5", "10", "50", "95", "99.5"])
def test_percentile_ranks_are_the_tightest_that_hold(percent: str, trials: int) -> None:
    """By the definition, in exact arithmetic: each side fails in at most 2.5%, one rank in more."""
    fraction = Fraction(percent) / 100
    lower, upper = percentile_ranks(float(fraction), trials)

    r, s = lower or 0, upper or trials + 1
    assert below(r, fraction, trials) <= TAIL < below(r + 1, fraction, trials)
    assert 1 - below(s, fraction, trials) <= TAIL or upper is None
    assert 1 - below(s - 1, fraction, trials) > TAIL


def test_a_billion_trials_have_ranks() -> None:
    """Where the normal approximation is good: n p +- 1.96 sqrt(n p (1 - p)), to a few ranks."""
    n, p = 10**9, 0.999
    margin = 1.959964 * (n * p * (1 - p)) ** 0.5
    lower, upper = percentile_ranks(p, n)

    assert (lower, upper) == (
        pytest.approx(n * p - margin, abs=3),
        pytest.approx(n * p + margin, abs=3),
    )


def test_the_rule_of_never() -> None:
    """Nothing in n trials: at most 1 - 0.025^(1/n) (Clopper and Pearson 1934); and the mirror."""
    limit = 1 - 0.025 ** (1 / 50)

    low, high = proportion_interval([0, 50], 50)

    assert low.tolist() == [0, pytest.approx(1 - limit, rel=1e-12)]
    assert high.tolist() == [pytest.approx(limit, rel=1e-12), 1]


@pytest.mark.parametrize("trials", [10, 60])
def test_a_probability_is_covered_at_least_95_times_in_100(trials: int) -> None:
    """Whatever it is, exactly: the sum over the outcomes whose interval holds it."""
    hits = np.arange(trials + 1)
    lower, upper = proportion_interval(hits, trials)
    ways = np.array([float(comb(trials, int(k))) for k in hits])

    for p in np.linspace(0.001, 0.999, 499):
        chance = ways * p**hits * (1 - p) ** (trials - hits)
        assert chance[(lower <= p) & (p <= upper)].sum() >= 0.95
