"""What is said of a tally is true of the losses in it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.prism.loss_tally import LossTally, tally
from engines.prism.risk_measures import (
    Estimate,
    exceedance_curve,
    mean,
    percentile,
    probability_of_loss,
)

losses = st.lists(
    st.one_of(st.just(0.0), st.floats(min_value=1e-3, max_value=1e12)), min_size=1, max_size=60
)


def tallied(*values: float) -> LossTally:
    return tally([np.array(values)], appetite=None)


@given(losses, st.floats(min_value=0.1, max_value=99.9))
def test_a_percentile_is_its_order_statistic_to_a_cell(values: list[float], percent: float) -> None:
    """Within 0.1%, between the limits, and among the losses seen."""
    rank = min(max(math.ceil(len(values) * (percent / 100)), 1), len(values))
    exact = sorted(values)[rank - 1]
    found = percentile(tallied(*values), percent)

    assert found.value == pytest.approx(exact, rel=1 / 1024)
    assert found.lower is not None
    assert found.lower <= found.value
    assert found.upper is None or found.value <= found.upper
    assert min(values) <= found.value <= max(values)


def test_intervals_of_percentiles_hold_95_times_in_100() -> None:
    """At least, over 1000 samples of 200 exponential losses, whose percentiles are known."""
    truth = {percent: -math.log(1 - percent / 100) for percent in (10, 50, 95)}
    samples = np.random.Generator(np.random.Philox(key=9)).exponential(size=(1000, 200))
    hits = dict.fromkeys(truth, 0)
    for sample in samples:
        losses = tallied(*sample)
        for percent, loss in truth.items():
            found = percentile(losses, percent)
            hits[percent] += (found.lower or 0) <= loss <= (found.upper or math.inf)

    assert min(hits.values()) / 1000 >= 0.95 - 5 * math.sqrt(0.95 * 0.05 / 1000)


def test_too_few_trials_have_no_upper_limit() -> None:
    """Sixty years say nothing of how bad the worst in a hundred may be."""
    found = percentile(tallied(*np.linspace(1, 60, 60)), 99)

    assert found.upper is None


def test_the_mean_has_the_interval_of_the_central_limit_theorem() -> None:
    """Mean +- 1.96 s / sqrt(n), never below zero; none for one year."""
    margin = 1.959963984540054 * math.sqrt(5 / 3) / 2

    assert Estimate(7.5, 7.5 - margin, 7.5 + margin) == mean(tallied(6, 7, 8, 9))
    assert mean(tallied(0, 0, 0, 9)).lower == 0
    assert Estimate(5, None, None) == mean(tallied(5))


@given(losses, st.integers(min_value=2, max_value=300))
def test_the_curve_counts(values: list[float], points: int) -> None:
    """Each point is the exact share of years with that loss or more, inside its band."""
    curve = exceedance_curve(tallied(*values), points)

    assert len(curve) <= points
    assert (not any(values)) == (not curve)
    assert sorted({point.loss for point in curve}) == [point.loss for point in curve]
    for point in curve:
        share = sum(value >= point.loss for value in values) / len(values)
        assert share == point.probability
        assert 0 <= point.lower <= share <= point.upper <= 1


def test_the_curve_runs_from_the_common_losses_to_the_largest() -> None:
    """From the first hundredth of the losses to the cell of the largest."""
    values = np.concatenate([np.zeros(500), np.geomspace(1, 1e6, 500)])
    curve = exceedance_curve(tallied(*values), 50)

    assert 0.49 < curve[0].probability <= 0.5
    assert curve[-1].probability == 1 / 1000
    assert curve[-1].loss <= 1e6 < curve[-1].loss * (1 + 1 / 1024)


def test_a_year_costs_something_or_nothing() -> None:
    """The probability of any loss counts the years that are not zero."""
    found = probability_of_loss(tallied(0, 0, 0, 1e-6))

    assert found.value == 0.25
    assert probability_of_loss(tallied(0, 0)).value == 0
