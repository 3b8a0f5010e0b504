"""Kupiec's and Christoffersen's tests: printed regions, closed forms, and their size."""

from __future__ import annotations

import csv
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.market_risk.coverage_tests import (
    LikelihoodRatio,
    Transitions,
    conditional_coverage,
    independence,
    unconditional_coverage,
)

REGIONS = Path(__file__).parents[3] / "reference/prism/kupiec_regions.csv"
CHI_SQUARE_5_PERCENT = 3.841


@pytest.mark.parametrize(
    "row", list(csv.DictReader(REGIONS.open())), ids=lambda row: "-".join(row.values())
)
def test_the_printed_regions_are_those_not_rejected(row: dict[str, str]) -> None:
    """At 5%, exactly the numbers of breaches between Kupiec's bounds pass."""
    probability, periods = float(row["probability"]), int(row["periods"])
    passing = [
        breaches
        for breaches in range(periods + 1)
        if unconditional_coverage(breaches, periods, probability).statistic < CHI_SQUARE_5_PERCENT
    ]

    first = int(row["more_than"]) + 1 if row["more_than"] else passing[0]
    assert list(range(first, int(row["fewer_than"]))) == passing


def test_no_breach_and_all_breaches_have_closed_forms() -> None:
    """0 ln 0 is 0: -2 T ln(1 - p) and -2 T ln p."""
    assert unconditional_coverage(0, 250, 0.01).statistic == pytest.approx(
        -500 * math.log(0.99), rel=1e-12
    )
    assert unconditional_coverage(250, 250, 0.01).statistic == pytest.approx(
        -500 * math.log(0.01), rel=1e-12
    )


def test_as_many_breaches_as_expected_is_no_evidence() -> None:
    """The statistic is zero, its p value one."""
    assert unconditional_coverage(5, 500, 0.01) == LikelihoodRatio(0.0, 1.0)


def test_p_values_are_those_of_the_chi_square_table() -> None:
    """3.841 and 6.635 with one degree, 5.991 with two: the 5%, 1% and 5% points."""
    assert LikelihoodRatio.of(3.841, 1).p_value == pytest.approx(0.05, abs=5e-5)
    assert LikelihoodRatio.of(6.635, 1).p_value == pytest.approx(0.01, abs=5e-6)
    assert LikelihoodRatio.of(5.991, 2).p_value == pytest.approx(0.05, abs=5e-5)


def test_transitions_are_counted_by_what_came_before() -> None:
    """0 0 1 1 1 0 1: each of the kinds."""
    breaches = [bool(each) for each in (0, 0, 1, 1, 1, 0, 1)]

    assert Transitions(n00=1, n01=2, n10=1, n11=2) == Transitions.of(breaches)


def test_independence_is_its_closed_form() -> None:
    """Two runs of two breaches: n00 = 92, n01 = 2, n10 = 2, n11 = 2 by the definition's powers."""
    breaches = [False] * 30 + [True] * 2 + [False] * 32 + [True] * 2 + [False] * 33
    seen = Transitions.of(breaches)
    assert (seen.n00, seen.n01, seen.n10, seen.n11) == (92, 2, 2, 2)

    chain = (92 / 94) ** 92 * (2 / 94) ** 2 * (2 / 4) ** 2 * (2 / 4) ** 2
    same = (94 / 98) ** 94 * (4 / 98) ** 4
    result = independence(breaches)
    assert result is not None
    assert result.statistic == pytest.approx(2 * math.log(chain / same), rel=1e-10)


def test_no_two_breaches_in_a_row_drop_the_second_state() -> None:
    """Christoffersen 2012: with n11 = 0 the chain's likelihood is (1 - pi01)^n00 pi01^n01."""
    breaches = ([False] * 49 + [True]) * 4 + [False]
    seen = Transitions.of(breaches)
    assert (seen.n01, seen.n10, seen.n11) == (4, 4, 0)

    pi01, pi = 4 / (seen.n00 + 4), 4 / 200
    chain = seen.n00 * math.log(1 - pi01) + 4 * math.log(pi01)
    same = (seen.n00 + 4) * math.log(1 - pi) + 4 * math.log(pi)
    result = independence(breaches)
    assert result is not None
    assert result.statistic == pytest.approx(2 * (chain - same), rel=1e-9)


@pytest.mark.parametrize("breaches", [[False] * 50, [True] * 50, [False] * 49 + [True], [True]])
def test_nothing_to_compare_is_no_answer(breaches: list[bool]) -> None:
    """Without a period after a breach, and one after none, there is no test."""
    result = independence(breaches)

    assert result is None
    assert conditional_coverage(unconditional_coverage(1, 50, 0.01), result) is None


def test_the_joint_statistic_is_the_sum() -> None:
    """With two degrees of freedom: exp(-x/2) is the chi-square's upper tail."""
    joint = conditional_coverage(LikelihoodRatio.of(2.0, 1), LikelihoodRatio.of(3.0, 1))

    assert joint is not None
    assert joint.statistic == 5.0
    assert joint.p_value == pytest.approx(math.exp(-2.5), rel=1e-12)


@given(st.lists(st.booleans(), min_size=2, max_size=80))
@settings(max_examples=60, deadline=None)
def test_a_chain_never_fits_worse(breaches: list[bool]) -> None:
    """Statistics are not negative, p values are probabilities, transitions are all pairs."""
    seen = Transitions.of(breaches)
    assert seen.n00 + seen.n01 + seen.n10 + seen.n11 == sum(1 for _ in pairwise(breaches))

    result = independence(breaches)
    if result is not None:
        assert result.statistic >= 0
        assert 0 <= result.p_value <= 1


def test_right_forecasts_are_rejected_as_often_as_said() -> None:
    """Over 4000 right models at 5% of 1000 periods: about 5%, within five standard errors.

    The breaches are integers, so the size is near 5% and not exactly it: a point is allowed.
    """
    hits = np.random.default_rng(7).random((4000, 1000)) < 0.05

    rejected = np.mean(
        [unconditional_coverage(int(n), 1000, 0.05).p_value < 0.05 for n in hits.sum(1)]
    )
    assert abs(rejected - 0.05) < 5 * math.sqrt(0.05 * 0.95 / 4000) + 0.01


def test_clustered_breaches_are_found() -> None:
    """Breaches that come in runs pass Kupiec's test and fail Christoffersen's."""
    breaches = ([True] * 10 + [False] * 190) * 5

    result = independence(breaches)
    assert result is not None
    assert unconditional_coverage(50, 1000, 0.05).p_value > 0.99
    assert result.p_value < 1e-6
