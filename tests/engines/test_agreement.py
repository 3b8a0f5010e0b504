"""The limit is the exact one, and as many comparisons as it asks for are enough."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.agreement import clean_needed, most_disagreement


@given(st.integers(1, 10**6))
def test_without_a_disagreement_it_has_a_closed_form(compared: int) -> None:
    """1 - 0.05^(1/n), which is just under the rule of three."""
    limit = most_disagreement(0, compared)

    assert limit == pytest.approx(-math.expm1(math.log(0.05) / compared), rel=1e-9)
    assert limit < 3 / compared


@given(st.integers(0, 20), st.integers(1, 300))
def test_at_the_limit_so_few_are_seen_once_in_twenty(disagreed: int, agreed: int) -> None:
    """Were the limit the truth, no more than these disagreements would come with 5%."""
    compared = disagreed + agreed
    limit = most_disagreement(disagreed, compared)

    so_few = sum(
        math.comb(compared, k) * limit**k * (1 - limit) ** (compared - k)
        for k in range(disagreed + 1)
    )

    assert so_few == pytest.approx(0.05, rel=1e-6)


def test_nothing_compared_says_nothing() -> None:
    """Nor does a task that always disagrees."""
    assert most_disagreement(0, 0) == 1
    assert most_disagreement(7, 7) == 1


def test_clean_comparisons_for_one_per_cent() -> None:
    """ln 0.05 / ln 0.99 = 298.07: the table in every textbook of acceptance sampling says 299."""
    assert clean_needed(0, 0, at_most=0.01) == 299
    assert clean_needed(0, 200, at_most=0.01) == 99
    assert clean_needed(0, 299, at_most=0.01) == 0
    assert clean_needed(1, 1, at_most=0.01) == 472


@given(st.integers(0, 50), st.integers(0, 500), st.floats(1e-4, 0.5))
def test_so_many_are_enough_and_one_fewer_is_not(
    disagreed: int, agreed: int, at_most: float
) -> None:
    """The number asked for is the least."""
    compared = disagreed + agreed

    needed = clean_needed(disagreed, compared, at_most=at_most)

    assert most_disagreement(disagreed, compared + needed) <= at_most
    if needed:
        assert most_disagreement(disagreed, compared + needed - 1) > at_most
