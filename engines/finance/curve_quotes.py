"""What a discount curve is given by: a flat rate, zero rates, or discount factors.

Only values and their checks; what computes with them is `discount_curve`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

from engines.errors import InvalidInput

Compounding = Literal["simple", "compounded", "continuous"]
Frequency = Literal["annual", "semiannual", "quarterly", "monthly"]
DayCount = Literal["actual365Fixed", "actual360", "thirty360", "actualActual"]
ZeroInterpolation = Literal["linear", "monotonicCubic"]
DiscountInterpolation = Literal["logLinear", "monotonicLogCubic"]

FIRST_DATE, LAST_DATE = date(1901, 1, 1), date(2199, 12, 31)
"""QuantLib's calendar begins and ends here."""
LOWEST_RATE, HIGHEST_RATE = -0.5, 10.0
"""A year. Beyond lies a rate in per cent, or a slip."""
LARGEST_FACTOR: Final = 1e3
MAX_POINTS: Final = 200


@dataclass(frozen=True, kw_only=True)
class RateConvention:
    """How a rate is to be read."""

    compounding: Compounding = "compounded"
    frequency: Frequency = "annual"
    """Of compounding; of no meaning to simple and continuous rates."""
    day_count: DayCount = "actual365Fixed"


@dataclass(frozen=True, kw_only=True)
class FlatRate:
    """One rate for every time, a year: 0.05 is five per cent."""

    rate: float
    convention: RateConvention = RateConvention()

    def __post_init__(self) -> None:
        _check_rate(self.rate, "rate")

    @property
    def last_date(self) -> date:
        return LAST_DATE


@dataclass(frozen=True, kw_only=True)
class ZeroRates:
    """Zero rates by the date to which they apply, ascending.

    Between the dates the continuously compounded rate is interpolated; before the first it is
    that of the first.
    """

    dates: tuple[date, ...]
    rates: tuple[float, ...]
    convention: RateConvention = RateConvention()
    interpolation: ZeroInterpolation = "linear"

    def __post_init__(self) -> None:
        _check_points(self.dates, self.rates, "rates")
        for index, rate in enumerate(self.rates):
            _check_rate(rate, f"rates.{index}")

    @property
    def last_date(self) -> date:
        return self.dates[-1]


@dataclass(frozen=True, kw_only=True)
class DiscountFactors:
    """What one unit of money at each date is worth at the reference date, dates ascending.

    Log-linear interpolation keeps the forward rate constant between dates.
    """

    dates: tuple[date, ...]
    factors: tuple[float, ...]
    day_count: DayCount = "actual365Fixed"
    interpolation: DiscountInterpolation = "logLinear"

    def __post_init__(self) -> None:
        _check_points(self.dates, self.factors, "factors")
        for index, factor in enumerate(self.factors):
            if not 0 < factor <= LARGEST_FACTOR:  # NaN keeps no inequality
                expected = f"a factor above 0, at most {LARGEST_FACTOR:g}"
                raise InvalidInput(f"factors.{index}", expected=expected, received=factor)

    @property
    def last_date(self) -> date:
        return self.dates[-1]


CurveQuotes = FlatRate | ZeroRates | DiscountFactors


def check_reach(
    quotes: CurveQuotes, *, reference: date, dates: Sequence[date], extrapolate: bool
) -> None:
    """Refuse a curve that begins before the date it discounts to, or ends before one of `dates`."""
    if not isinstance(quotes, FlatRate) and quotes.dates[0] <= reference:
        raise InvalidInput(
            "dates.0",
            expected=f"a date after the reference date {reference.isoformat()}",
            received=quotes.dates[0].isoformat(),
        )
    reach = LAST_DATE if extrapolate else quotes.last_date
    for when in dates:
        if when < reference:
            expected = f"dates from {reference.isoformat()}"
            raise InvalidInput("dates", expected=expected, received=when.isoformat())
        if when > reach:
            expected = f"a curve that reaches {when.isoformat()}"
            if when <= LAST_DATE:
                expected += ", or extrapolation"
            raise InvalidInput("curve", expected=expected, received=reach.isoformat())


def _check_points(dates: Sequence[date], values: Sequence[float], field: str) -> None:
    if not 1 <= len(dates) <= MAX_POINTS:
        raise InvalidInput("dates", expected=f"1 to {MAX_POINTS} dates", received=len(dates))
    if len(values) != len(dates):
        raise InvalidInput(field, expected=f"{len(dates)}, one a date", received=len(values))
    for index, (earlier, later) in enumerate(pairwise(dates), start=1):
        if later <= earlier:
            expected = f"a date after {earlier.isoformat()}"
            raise InvalidInput(f"dates.{index}", expected=expected, received=later.isoformat())
    if dates[-1] > LAST_DATE:
        expected = f"dates up to {LAST_DATE.isoformat()}"
        raise InvalidInput(f"dates.{len(dates) - 1}", expected=expected, received=dates[-1])


def _check_rate(rate: float, field: str) -> None:
    if not (math.isfinite(rate) and LOWEST_RATE <= rate <= HIGHEST_RATE):
        expected = f"a rate a year from {LOWEST_RATE:g} to {HIGHEST_RATE:g}, 0.05 for 5%"
        raise InvalidInput(field, expected=expected, received=rate)
