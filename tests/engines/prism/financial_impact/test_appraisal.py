"""Net present value, return, payback and internal rate of return: worked examples from print."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.financial_impact.appraisal import (
    Appraisal,
    appraise,
    discounted_payback,
    internal_rates_of_return,
)

RATES = Path(__file__).parents[3] / "reference" / "prism" / "rates_of_return.csv"


def rates_of(*flows: float) -> tuple[float, ...]:
    """Flows at the start and after each year."""
    return internal_rates_of_return(np.arange(float(len(flows))), np.array(flows))


def steady(*, saved: float, cost: float, at_start: float, rate: float, years: int) -> Appraisal:
    """Appraise the same saving and cost at the end of every year."""
    times = np.arange(1.0, years + 1)
    return appraise(
        before=np.full(years, saved),
        after=np.zeros(years),
        costs=np.full(years, cost),
        at_start=at_start,
        times=times,
        factors=(1 + rate) ** -times,
    )


def test_enisas_example() -> None:
    """Introduction to Return on Security Investment (2012): 140%.

    Five attacks a year of 15,000 each, of which an antivirus for 25,000 blocks 80%.
    """
    answer = appraise(
        before=np.array([75_000.0]),
        after=np.array([15_000.0]),
        costs=np.array([25_000.0]),
        at_start=0,
        times=np.array([1.0]),
        factors=np.array([1.0]),
    )

    assert answer.return_on_investment == pytest.approx(1.4)
    assert answer.net_present_value == 35_000


@pytest.mark.parametrize("row", list(csv.DictReader(RATES.open())), ids=lambda row: row["flows"])
def test_rates_of_return_are_as_printed(row: dict[str, str]) -> None:
    """One, two and none."""
    flows, percents = (list(map(float, row[name].split())) for name in ("flows", "percents"))

    assert [round(100 * rate, 2) for rate in rates_of(*flows)] == percents


@pytest.mark.parametrize("flows", [(0, 0), (0, 10), (-10, 0, 0), (-10, -5), (5, 5)])
def test_money_that_goes_one_way_has_no_rate_of_return(flows: tuple[float, ...]) -> None:
    """Nothing was put in, or nothing came back."""
    assert rates_of(*flows) == ()


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=20), st.floats(-0.9, 50), st.floats(0.5, 1))
@settings(max_examples=50, deadline=None)
def test_an_investment_has_the_rate_it_was_made_with(
    returns: list[float], rate: float, first: float
) -> None:
    """What is put in once is worth, at that rate, what comes back; and there is no other."""
    times = first + np.arange(float(len(returns)))
    invested = float(np.array(returns) @ (1 + rate) ** -times)
    found = internal_rates_of_return(
        np.concatenate([[0], times]), np.concatenate([[-invested], returns])
    )

    assert found == pytest.approx((rate,), rel=1e-6, abs=1e-9)


def test_an_annuity_is_worth_the_textbooks_formula() -> None:
    """(1 - (1 + r)^-n) / r: 8 years at 5% are worth 6.4632 times a year's saving."""
    answer = steady(saved=1000, cost=0, at_start=6000, rate=0.05, years=8)

    assert round(answer.losses_before / 1000, 4) == 6.4632
    assert answer.net_present_value == pytest.approx(1000 * (1 - 1.05**-8) / 0.05 - 6000)
    assert answer.return_on_investment == pytest.approx(answer.net_present_value / 6000)


def test_payback_is_when_the_annuity_has_earned_its_price() -> None:
    """-ln(1 - r price) / ln(1 + r) years are whole when price is an annuity of whole years."""
    price = 1000 * (1 - 1.05**-6) / 0.05
    answer = steady(saved=1000, cost=0, at_start=price - 1e-6, rate=0.05, years=8)

    assert answer.payback_years == pytest.approx(6)


@pytest.mark.parametrize(
    ("at_start", "flows", "years"),
    [
        (-100, [50, 50, 50], 2.0),
        (-100, [50, 100], 1.5),
        (-100, [40, 40], None),
        (-100, [200], 0.5),
        (0, [10, 10], 0.0),
        (0, [0, 0], 0.0),
        (0, [-10, 20], 1.5),
        (-10, [20, -50], 0.5),
    ],
)
def test_payback_is_interpolated(at_start: float, flows: list[float], years: float | None) -> None:
    """In a straight line between two flows; none where it is never earned."""
    times = np.arange(1.0, len(flows) + 1)

    assert discounted_payback(at_start, np.array(flows, dtype=float), times) == years


def test_without_costs_there_is_no_return() -> None:
    """Nothing was invested; the value is there all the same."""
    answer = steady(saved=1000, cost=0, at_start=0, rate=0.0, years=2)

    assert answer.return_on_investment is None
    assert answer.internal_rates_of_return == ()
    assert (answer.net_present_value, answer.payback_years) == (2000, 0)


@given(st.floats(0.01, 1e6))
@settings(max_examples=20, deadline=None)
def test_amounts_scale(size: float) -> None:
    """In another unit of money, values are multiplied, and rates and times stay."""
    one = steady(saved=100, cost=20, at_start=150, rate=0.1, years=5)
    scaled = steady(saved=100 * size, cost=20 * size, at_start=150 * size, rate=0.1, years=5)

    assert scaled.net_present_value == pytest.approx(size * one.net_present_value)
    assert scaled.return_on_investment == pytest.approx(one.return_on_investment)
    assert scaled.payback_years == pytest.approx(one.payback_years)
    assert scaled.internal_rates_of_return == pytest.approx(one.internal_rates_of_return)


def test_at_the_internal_rate_nothing_is_gained() -> None:
    """It is the rate at which the net present value is nought."""
    (rate,) = steady(saved=100, cost=20, at_start=150, rate=0.1, years=5).internal_rates_of_return
    at_it = steady(saved=100, cost=20, at_start=150, rate=rate, years=5)

    assert math.isclose(at_it.net_present_value, 0, abs_tol=1e-9)
