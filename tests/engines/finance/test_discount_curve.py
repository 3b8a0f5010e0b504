"""Discount factors against the formulas that textbooks give."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
import QuantLib as ql
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.finance.curve_quotes import (
    Compounding,
    CurveQuotes,
    DayCount,
    DiscountFactors,
    FlatRate,
    Frequency,
    RateConvention,
    ZeroRates,
)
from engines.finance.discount_curve import discount_factors

TODAY = date(2026, 1, 1)
YEARS = [date(2026 + year, 1, 1) for year in range(1, 11)]
"""Two of them leap years: by Actual/365 the tenth is 3652 / 365 years away."""
TIMES = np.array([(day - TODAY).days / 365 for day in YEARS])


def factors(quotes: CurveQuotes, *dates: date, extrapolate: bool = False) -> list[float]:
    given_dates = dates or YEARS
    return discount_factors(
        quotes, reference=TODAY, dates=given_dates, extrapolate=extrapolate
    ).tolist()


@pytest.mark.parametrize(
    ("compounding", "frequency", "expected"),
    [
        ("simple", "annual", 1 / (1 + 0.06 * TIMES)),
        ("continuous", "annual", np.exp(-0.06 * TIMES)),
        ("compounded", "annual", 1.06**-TIMES),
        ("compounded", "semiannual", 1.03 ** (-2 * TIMES)),
        ("compounded", "quarterly", 1.015 ** (-4 * TIMES)),
        ("compounded", "monthly", 1.005 ** (-12 * TIMES)),
    ],
)
def test_a_flat_rate_is_the_textbooks(
    compounding: Compounding, frequency: Frequency, expected: np.ndarray
) -> None:
    """1 / (1 + r t), exp(-r t), (1 + r / m)^(-m t)."""
    convention = RateConvention(compounding=compounding, frequency=frequency)
    flat = FlatRate(rate=0.06, convention=convention)

    assert factors(flat) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("day_count", "years"),
    [
        ("actual365Fixed", 181 / 365),
        ("actual360", 181 / 360),
        ("thirty360", 0.5),
        ("actualActual", 181 / 365),
    ],
)
def test_days_are_counted_as_named(day_count: DayCount, years: float) -> None:
    """From 1 January to 1 July 2026 there are 181 days, or six months of thirty."""
    convention = RateConvention(compounding="continuous", day_count=day_count)
    flat = FlatRate(rate=0.1, convention=convention)

    assert factors(flat, date(2026, 7, 1)) == pytest.approx([math.exp(-0.1 * years)], rel=1e-12)


def test_zero_rates_are_interpolated_in_time() -> None:
    """2% at one year, 4% at three: 3% in the middle, and 2% before the first."""
    quotes = ZeroRates(
        dates=(date(2027, 1, 1), date(2028, 12, 31)),
        rates=(0.02, 0.04),
        convention=RateConvention(compounding="continuous"),
    )

    expected = [math.exp(-0.02 * 181 / 365), math.exp(-0.02), math.exp(-0.06), math.exp(-0.12)]
    dates = (date(2026, 7, 1), date(2027, 1, 1), date(2028, 1, 1), date(2028, 12, 31))
    assert factors(quotes, *dates) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("interpolation", ["linear", "monotonicCubic"])
@pytest.mark.parametrize("compounding", ["simple", "compounded", "continuous"])
def test_zero_rates_are_met_at_their_dates(interpolation: str, compounding: Compounding) -> None:
    """However they are compounded and joined."""
    rates = np.array([0.01, 0.03, 0.025, 0.04, 0.04, 0.05, 0.03, 0.02, 0.01, -0.005])
    quotes = ZeroRates(
        dates=tuple(YEARS),
        rates=tuple(rates),
        convention=RateConvention(compounding=compounding),
        interpolation=interpolation,  # type: ignore[arg-type]
    )

    expected = {
        "simple": 1 / (1 + rates * TIMES),
        "compounded": (1 + rates) ** -TIMES,
        "continuous": np.exp(-rates * TIMES),
    }[compounding]
    assert factors(quotes) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("interpolation", ["logLinear", "monotonicLogCubic"])
def test_given_factors_come_back(interpolation: str) -> None:
    """At their dates exactly; a factor above one is a negative rate."""
    quotes = DiscountFactors(
        dates=tuple(YEARS[:4]),
        factors=(1.01, 0.99, 0.95, 0.9),
        interpolation=interpolation,  # type: ignore[arg-type]
    )

    assert factors(quotes, TODAY, *YEARS[:4]) == pytest.approx([1, 1.01, 0.99, 0.95, 0.9])


def test_log_linear_is_geometric() -> None:
    """Half-way in days, the factor is the geometric mean."""
    quotes = DiscountFactors(dates=(date(2026, 1, 21),), factors=(0.81,))

    assert factors(quotes, date(2026, 1, 11)) == pytest.approx([0.9])


def test_a_curve_ends_unless_told_to_go_on() -> None:
    """Then with the forward rate it ends with."""
    quotes = DiscountFactors(dates=(YEARS[0],), factors=(math.exp(-0.05),))

    with pytest.raises(InvalidInput, match="reaches 2028-01-01"):
        factors(quotes, YEARS[1])
    assert factors(quotes, YEARS[1], extrapolate=True) == pytest.approx([math.exp(-0.1)])


def test_the_process_wide_evaluation_date_is_nothing_to_it() -> None:
    """Another job in the process may have set it."""
    before = factors(FlatRate(rate=0.05))
    kept = ql.Settings.instance().evaluationDate
    try:
        ql.Settings.instance().evaluationDate = ql.Date(1, 1, 1999)
        after = factors(FlatRate(rate=0.05))
        set_by_us = ql.Settings.instance().evaluationDate
    finally:
        ql.Settings.instance().evaluationDate = kept

    assert before == after
    assert set_by_us == ql.Date(1, 1, 1999)


@given(st.floats(0, 1), st.sampled_from(["simple", "compounded", "continuous"]))
@settings(max_examples=25, deadline=None)
def test_later_money_is_worth_less(rate: float, compounding: Compounding) -> None:
    """At any rate that is not negative, and money at once is worth itself."""
    flat = FlatRate(rate=rate, convention=RateConvention(compounding=compounding))
    answer = factors(flat, TODAY, *YEARS)

    assert answer[0] == 1
    assert answer == sorted(answer, reverse=True)


@pytest.mark.parametrize("rate", [math.nan, math.inf, -0.6, 5.0 * 3, 1e300])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    """Not a number, or in per cent."""
    with pytest.raises(InvalidInput, match=r"0\.05 for 5%"):
        FlatRate(rate=rate)


@pytest.mark.parametrize(
    ("dates", "rates", "field"),
    [
        ((), (), "dates"),
        ((YEARS[0],), (0.01, 0.02), "rates"),
        ((YEARS[1], YEARS[0]), (0.01, 0.02), "dates.1"),
        ((YEARS[0], YEARS[0]), (0.01, 0.02), "dates.1"),
        ((YEARS[0], date(2200, 1, 1)), (0.01, 0.02), "dates.1"),
        ((YEARS[0], YEARS[1]), (0.01, math.nan), "rates.1"),
    ],
)
def test_zero_rates_that_are_none_are_refused(
    dates: tuple[date, ...], rates: tuple[float, ...], field: str
) -> None:
    """By field."""
    with pytest.raises(InvalidInput) as refusal:
        ZeroRates(dates=dates, rates=rates)
    assert refusal.value.field == field


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, 1e9])
def test_a_factor_that_is_none_is_refused(factor: float) -> None:
    """Money is worth something, and not without bound."""
    with pytest.raises(InvalidInput) as refusal:
        DiscountFactors(dates=(YEARS[0],), factors=(factor,))
    assert refusal.value.field == "factors.0"


def test_a_curve_begins_after_its_reference() -> None:
    """And nothing is discounted to a later date."""
    quotes = DiscountFactors(dates=(TODAY,), factors=(1.0,))

    with pytest.raises(InvalidInput, match="after the reference date 2026-01-01"):
        factors(quotes)
    with pytest.raises(InvalidInput, match="dates from 2026-01-01"):
        factors(FlatRate(rate=0.05), date(2025, 12, 31))


def test_simple_rates_that_eat_up_the_money_are_refused() -> None:
    """1 + r t is no longer positive."""
    simple = RateConvention(compounding="simple")
    quotes = ZeroRates(dates=(YEARS[4],), rates=(-0.4,), convention=simple)

    with pytest.raises(InvalidInput, match="rates that make a curve"):
        factors(quotes, YEARS[4])
    with pytest.raises(InvalidInput, match="positive discount factors"):
        factors(FlatRate(rate=-0.4, convention=simple), YEARS[4])
