"""What is said of a tally is true of the losses in it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import Floats
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.tally import LossCounter

losses = st.lists(
    st.one_of(st.just(0.0), st.floats(min_value=1e-3, max_value=1e12)), min_size=1, max_size=60
)


def simulated(*values: float, thresholds: tuple[float, ...] = ()) -> SimulatedLoss:
    counter = LossCounter(thresholds)
    counter.add(np.array(values, dtype=np.float64))
    return SimulatedLoss(counter.tally())


def heavy(size: int, seed: int = 1) -> Floats:
    return np.exp(1.5 * np.random.Generator(np.random.Philox(key=seed)).standard_normal(size))


@given(losses, st.floats(min_value=0.1, max_value=99.9))
def test_a_percentile_is_its_order_statistic_to_a_cell(values: list[float], percent: float) -> None:
    """Within 0.2%, between the limits, and among the losses seen."""
    rank = min(max(math.ceil(len(values) * (percent / 100)), 1), len(values))
    found = simulated(*values).percentile(percent)

    assert found.value == pytest.approx(sorted(values)[rank - 1], rel=1 / 512)
    assert found.lower is not None
    assert found.lower <= found.value
    assert found.upper is None or found.value <= found.upper
    assert min(values) <= found.value <= max(values)


@pytest.mark.parametrize("percent", [5, 25, 50, 75, 95])
def test_percentiles_of_many_years_are_placed_within_cells(percent: float) -> None:
    """Five times nearer to the order statistic than a cell is wide."""
    values = heavy(300_000)
    found = simulated(*values).percentile(percent)

    exact = np.sort(values)[math.ceil(300_000 * percent / 100) - 1]
    assert found.value == pytest.approx(exact, rel=1 / 2560)


def test_atoms_read_exactly() -> None:
    """Equal losses of up to nine digits are not spread over their cell."""
    answers = simulated(*[1234567.0] * 30, *[2345678.0] * 70)

    assert [answers.percentile(p).value for p in (10, 30, 31, 90)] == [
        1234567.0, 1234567.0, 2345678.0, 2345678.0,
    ]  # fmt: skip
    assert answers.probability_above(1234567.0).value == 0.7
    assert answers.probability_above(1234566.0).value == 1.0
    assert answers.tail_value_at_risk(60).value == 2345678.0
    assert answers.tail_value_at_risk(20).value == pytest.approx(
        (0.1 * 1234567 + 0.7 * 2345678) / 0.8, rel=1e-12
    )


def test_a_loss_that_never_changes_is_one_number() -> None:
    """However many digits it has."""
    answers = simulated(*[math.pi] * 1000)

    assert answers.standard_deviation() == 0
    assert answers.mean() == Estimate(math.pi, math.pi, math.pi)
    for found in (answers.percentile(50), answers.tail_value_at_risk(99)):
        assert found == Estimate(math.pi, math.pi, math.pi)


@settings(max_examples=50)
@given(losses, st.floats(min_value=0.1, max_value=99.9))
def test_a_tails_mean_is_that_of_the_sorted_losses(values: list[float], percent: float) -> None:
    """With a part of the year at its edge (Acerbi and Tasche, 2002)."""
    years = len(values) * (1 - percent / 100)
    ordered = sorted(values, reverse=True)
    whole = int(years)
    exact = (sum(ordered[:whole]) + (years - whole) * ordered[min(whole, len(values) - 1)]) / years

    assert simulated(*values).tail_value_at_risk(percent).value == pytest.approx(exact, rel=1 / 512)


def test_a_tails_mean_of_many_years_is_exact_to_seven_digits() -> None:
    """Only the year cell at its edge is interpolated."""
    values = heavy(200_000)
    found = simulated(*values).tail_value_at_risk(99)

    assert found.value == pytest.approx(np.sort(values)[-2000:].mean(), rel=1e-7)


def test_the_spread_is_the_samples() -> None:
    """With n - 1; none for one year. Within a cell by its width, so to seven digits."""
    values = heavy(100_000)

    assert simulated(1, 2, 3, 6).standard_deviation() == pytest.approx(math.sqrt(14 / 3), rel=1e-12)
    assert simulated(*values).standard_deviation() == pytest.approx(values.std(ddof=1), rel=1e-7)
    assert simulated(1).standard_deviation() is None


def test_a_narrow_distribution_has_its_spread_and_percentiles() -> None:
    """Also where the standard deviation is half a cell."""
    values = 1e6 + 1e3 * np.random.Generator(np.random.Philox(key=4)).standard_normal(200_000)
    answers = simulated(*values)

    assert answers.standard_deviation() == pytest.approx(values.std(ddof=1), rel=5e-3)
    for percent in (5, 50, 95):
        assert answers.percentile(percent).value == pytest.approx(
            np.percentile(values, percent), abs=100
        )


def test_the_mean_has_the_interval_of_the_central_limit_theorem() -> None:
    """Mean +- 1.96 s / sqrt(n), never below zero; none for one year."""
    found, margin = simulated(6, 7, 8, 9).mean(), 1.959963984540054 * math.sqrt(5 / 3) / 2

    assert (found.value, found.lower, found.upper) == pytest.approx(
        (7.5, 7.5 - margin, 7.5 + margin)
    )
    assert simulated(0, 0, 0, 9).mean().lower == 0
    assert simulated(5).mean() == Estimate(5, None, None)


def test_intervals_hold_95_times_in_100() -> None:
    """Over 1000 samples of 400 exponential losses, whose answers are known (five standard errors;
    those of percentiles hold a little more often, for their ranks are whole numbers)."""
    samples = np.random.Generator(np.random.Philox(key=9)).exponential(size=(1000, 400))
    percents = (10, 50, 95)
    hits = dict.fromkeys(("mean", "above", *percents), 0)
    for sample in samples:
        answers = simulated(*sample)
        found = {"mean": (answers.mean(), 1.0), "above": (answers.probability_above(1), 1 / math.e)}
        found |= {p: (answers.percentile(p), -math.log(1 - p / 100)) for p in percents}
        for name, (estimate, truth) in found.items():
            hits[name] += (estimate.lower or 0) <= truth <= (estimate.upper or math.inf)

    error = 5 * math.sqrt(0.95 * 0.05 / 1000)
    assert min(hits.values()) / 1000 > 0.95 - error
    assert max(hits.values()) / 1000 < 0.98


def test_too_few_trials_have_no_upper_limit() -> None:
    """Sixty years say nothing of how bad the worst in a hundred may be."""
    answers = simulated(*np.linspace(1, 60, 60))

    assert answers.percentile(99).upper is None
    assert answers.tail_value_at_risk(99).upper is None


def test_thresholds_are_counted_and_other_amounts_placed() -> None:
    """The share above a threshold is exact, that above another amount to a part of a cell."""
    values = heavy(50_000)
    answers = simulated(*values, thresholds=(1.2345,))

    assert answers.probability_above(1.2345).value == np.mean(values > 1.2345)
    assert answers.probability_above(2.3456).value == pytest.approx(
        np.mean(values > 2.3456), abs=1e-4
    )
    assert answers.probability_above(1e9).value == 0


@given(losses, st.integers(min_value=2, max_value=300))
def test_the_curve_counts(values: list[float], points: int) -> None:
    """Each point is the share of years with that loss or more, inside its band."""
    curve = simulated(*values).exceedance_curve(points)

    assert len(curve) <= points
    assert (not any(values)) == (not curve)
    assert sorted({point.loss for point in curve}) == [point.loss for point in curve]
    for point in curve:
        # Losses are rounded to one part in 2^32 before they are counted.
        share = sum(value >= point.loss * (1 - 2**-32) for value in values) / len(values)
        assert share == point.probability
        assert 0 <= point.lower <= share <= point.upper <= 1


def test_the_curve_runs_from_the_common_losses_to_the_largest() -> None:
    """From the first hundredth of the losses to the cell of the largest."""
    curve = simulated(*np.zeros(500), *np.geomspace(1, 1e6, 500)).exceedance_curve(50)

    assert 0.49 < curve[0].probability <= 0.5
    assert curve[-1].probability == 1 / 1000
    assert curve[-1].loss <= 1e6 < curve[-1].loss * (1 + 1 / 512)


def test_a_year_costs_something_or_nothing() -> None:
    """The probability of any loss counts the years that are not zero."""
    assert simulated(0, 0, 0, 1e-6).probability_of_loss().value == 0.25
    assert simulated(0, 0).probability_of_loss().value == 0


@pytest.mark.parametrize(("atom", "cut"), [(1e6, "at most"), (500_000.0, "at least")])
def test_an_atom_among_other_losses_reads_exactly(atom: float, cut: str) -> None:
    """As a policy makes it: at its limit, and where what is left begins; its limits hold it."""
    random = np.random.Generator(np.random.Philox(key=5))
    losses = random.exponential(400_000, 200_000)
    losses = np.minimum(losses, atom) if cut == "at most" else np.maximum(losses, atom)
    counter = LossCounter()
    counter.add(losses)
    loss = SimulatedLoss(counter.tally())
    percent = 95 if cut == "at most" else 40
    estimate = loss.percentile(percent)

    assert estimate.value == pytest.approx(atom, rel=1e-6)
    assert estimate.lower == pytest.approx(atom, rel=1e-6)
    assert estimate.upper == pytest.approx(atom, rel=1e-6)
    assert loss.tail_value_at_risk(percent).value == pytest.approx(
        np.sort(losses)[-round(losses.size * (1 - percent / 100)) :].mean(), rel=1e-6
    )
    assert loss.standard_deviation() == pytest.approx(losses.std(ddof=1), rel=1e-6)
    assert loss.probability_above(atom * 1.5).value == pytest.approx(
        (losses > atom * 1.5).mean(), abs=2e-5
    )
