"""When money moves, and what inflation makes of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.financial_impact.horizon import (
    Horizon,
    Prices,
    Rates,
    Timing,
    price_factors,
    price_index,
)

INFLATION = (0.1, 0.2, 0.5)


def horizon(timing: Timing = "endOfYear", start: date = date(2026, 1, 1)) -> Horizon:
    return Horizon(valuation_date=start, years=3, timing=timing)


def test_money_moves_at_the_end_of_each_year_or_half_way() -> None:
    """By date and by time."""
    ends, middles = horizon(), horizon("midYear")

    assert ends.dates == (date(2027, 1, 1), date(2028, 1, 1), date(2029, 1, 1))
    assert ends.times.tolist() == [1, 2, 3]
    assert middles.dates == (date(2026, 7, 1), date(2027, 7, 1), date(2028, 7, 1))
    assert middles.times.tolist() == [0.5, 1.5, 2.5]


def test_a_leap_day_moves_to_the_last_of_february() -> None:
    """In years that lack it."""
    assert horizon(start=date(2024, 2, 29)).dates[0] == date(2025, 2, 28)


def test_prices_rise_with_each_years_inflation() -> None:
    """1.1, 1.1 x 1.2, 1.1 x 1.2 x 1.5; half-way by the root of the year's rise."""
    halves = np.sqrt([1.1, 1.2, 1.5])

    assert price_index(horizon(), INFLATION) == pytest.approx([1.1, 1.32, 1.98])
    assert price_index(horizon("midYear"), INFLATION) == pytest.approx([1.1, 1.32, 1.98] / halves)


@pytest.mark.parametrize(
    ("prices", "rates", "inflation", "factors"),
    [
        ("constant", "nominal", INFLATION, [1.1, 1.32, 1.98]),
        ("current", "real", INFLATION, [1 / 1.1, 1 / 1.32, 1 / 1.98]),
        ("constant", "real", None, [1, 1, 1]),
        ("current", "nominal", None, [1, 1, 1]),
    ],
)
def test_amounts_are_brought_to_the_money_of_the_rates(
    prices: Prices, rates: Rates, inflation: tuple[float, ...] | None, factors: list[float]
) -> None:
    """Up, down, or not at all."""
    answer = price_factors(horizon(), prices=prices, rates=rates, inflation=inflation)

    assert answer == pytest.approx(factors)


@pytest.mark.parametrize(
    ("prices", "rates", "inflation", "says"),
    [
        ("constant", "nominal", None, "an inflation, to bring"),
        ("current", "real", None, "an inflation, to bring"),
        ("constant", "real", INFLATION, "take no inflation"),
        ("current", "nominal", INFLATION, "take no inflation"),
    ],
)
def test_real_and_nominal_are_not_mixed(
    prices: Prices, rates: Rates, inflation: tuple[float, ...] | None, says: str
) -> None:
    """Inflation is neither forgotten nor counted twice."""
    with pytest.raises(InvalidInput, match=says) as refusal:
        price_factors(horizon(), prices=prices, rates=rates, inflation=inflation)
    assert refusal.value.field == "inflationPerYear"
