"""Sums are as if they had been taken in twice the precision."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from engines.prism.monte_carlo.accurate_sum import accurate_sum

amounts = st.lists(st.floats(min_value=0, max_value=1e37), min_size=1, max_size=300)


@example([
    1.0, 4.31879549490464e36, 7.309632654858656e36, 7.309632654858656e36, 7.861385622596445e36,
    8.353893619610588e36, 8.353893619610588e36, 8.353893619610588e36, 9.025022766686974e36,
])  # fmt: skip
@given(amounts)
def test_it_is_what_exact_addition_gives(values: list[float]) -> None:
    """`math.fsum` rounds the exact sum once; at a tie the two may round to either side."""
    exact = math.fsum(values)

    assert abs(accurate_sum(np.array(values)) - exact) <= math.ulp(exact)


def test_what_is_too_small_to_count_alone_counts_together() -> None:
    """A thousand numbers that each round away leave a thousand times their size."""
    values = np.array([1.0, *[2.0**-53] * 1024])

    assert np.cumsum(values)[-1] == 1.0
    assert accurate_sum(values) == 1.0 + 2.0**-43
