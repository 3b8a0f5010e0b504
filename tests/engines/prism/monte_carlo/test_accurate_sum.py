"""Sums are right to the last digit."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.prism.monte_carlo.accurate_sum import accurate_sum

amounts = st.lists(st.floats(min_value=0, max_value=1e37), min_size=1, max_size=300)


@given(amounts)
def test_it_is_what_exact_addition_gives(values: list[float]) -> None:
    """`math.fsum` rounds the exact sum once."""
    assert math.fsum(values) == accurate_sum(np.array(values))


def test_what_is_too_small_to_count_alone_counts_together() -> None:
    """A thousand numbers that each round away leave a thousand times their size."""
    values = np.array([1.0, *[2.0**-53] * 1024])

    assert np.cumsum(values)[-1] == 1.0
    assert accurate_sum(values) == 1.0 + 2.0**-43
