"""Discount curves and exchange rates as they cross the wire."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from engines.errors import InvalidInput
from engines.finance import curve_quotes
from engines.finance.currency_conversion import ExchangeRate
from engines.finance.curve_quotes import HIGHEST_RATE, LARGEST_FACTOR, LOWEST_RATE, MAX_POINTS
from engines.finance.tenor import date_of_tenor
from tasks.payload import Payload
from tasks.refusal import UNTAGGED, refused_value

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Rate = Annotated[float, Field(ge=LOWEST_RATE, le=HIGHEST_RATE)]


def _written_as_a_day(value: Any) -> Any:
    if isinstance(value, datetime.date) or re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return value
    raise refused_value("a day as 2026-12-31")


# Not strict: inside a union with a discriminator, JSON arrays come as lists and days as text.
_POINTS = Field(min_length=1, max_length=MAX_POINTS, strict=False)
Day = Annotated[datetime.date, Field(strict=False), BeforeValidator(_written_as_a_day)]
Tenor = Annotated[str, Field(min_length=2, max_length=5, pattern=r"^[1-9][0-9]*[MY]$")]


class _Convention(Payload):
    """How rates are to be read."""

    compounding: curve_quotes.Compounding = "compounded"
    """Whether interest earns interest: never, at every period's end, at every instant."""
    frequency: curve_quotes.Frequency = "annual"
    """Of compounding; of no meaning to simple and continuous rates."""
    day_count: curve_quotes.DayCount = "actual365Fixed"
    """How the years between two dates are counted."""

    def convention(self) -> curve_quotes.RateConvention:
        """Give the engine's form."""
        return curve_quotes.RateConvention(
            compounding=self.compounding, frequency=self.frequency, day_count=self.day_count
        )


class FlatRate(_Convention):
    """One rate for every time."""

    curve: Literal["flatRate"]
    rate: Rate
    """A year: 0.05 is five per cent."""

    def engine(self, valuation_date: datetime.date) -> curve_quotes.FlatRate:
        """Give the engine's form."""
        return curve_quotes.FlatRate(rate=self.rate, convention=self.convention())


class ZeroRate(Payload):
    """The rate for money at one date; the date is given, or how far off it is."""

    date: Day | None = None
    """Null when there is a tenor."""
    tenor: Tenor | None = None
    """Months or years from the valuation date, `18M` or `5Y`; null when there is a date."""
    rate: Rate
    """A year: 0.05 is five per cent."""

    def when(self, valuation_date: datetime.date, *, field: str) -> datetime.date:
        """Give the date; refuse two, or none."""
        if self.date is not None and self.tenor is None:
            return self.date
        if self.date is None and self.tenor is not None:
            return date_of_tenor(valuation_date, self.tenor, field=f"{field}.tenor")
        received = "neither" if self.date is None else "both"
        raise InvalidInput(field, expected="a date or a tenor", received=received)


class ZeroRates(_Convention):
    """Rates by how far off the money is; before the first they are that of the first."""

    curve: Literal["zeroRates"]
    points: Annotated[tuple[ZeroRate, ...], _POINTS]
    """Ascending by date, after the valuation date."""
    interpolation: curve_quotes.ZeroInterpolation = "linear"
    """Of the continuously compounded rate in time."""

    def engine(self, valuation_date: datetime.date) -> curve_quotes.ZeroRates:
        """Give the engine's form."""
        return curve_quotes.ZeroRates(
            dates=tuple(
                point.when(valuation_date, field=f"points.{index}")
                for index, point in enumerate(self.points)
            ),
            rates=tuple(point.rate for point in self.points),
            convention=self.convention(),
            interpolation=self.interpolation,
        )


class DiscountFactor(Payload):
    """What one unit of money at a date is worth at the valuation date."""

    date: Day
    """After the valuation date."""
    factor: Annotated[float, Field(gt=0, le=LARGEST_FACTOR)]
    """Above 1 where rates are negative."""


class DiscountFactors(Payload):
    """Discount factors that somebody else worked out."""

    curve: Literal["discountFactors"]
    points: Annotated[tuple[DiscountFactor, ...], _POINTS]
    """Ascending by date."""
    day_count: curve_quotes.DayCount = "actual365Fixed"
    """How the years between two dates are counted."""
    interpolation: curve_quotes.DiscountInterpolation = "logLinear"
    """Log-linear keeps the forward rate constant between dates."""

    def engine(self, valuation_date: datetime.date) -> curve_quotes.DiscountFactors:
        """Give the engine's form."""
        return curve_quotes.DiscountFactors(
            dates=tuple(point.date for point in self.points),
            factors=tuple(point.factor for point in self.points),
            day_count=self.day_count,
            interpolation=self.interpolation,
        )


DiscountCurve = Annotated[
    FlatRate | ZeroRates | DiscountFactors, Field(discriminator="curve"), UNTAGGED
]


def quotes_of(
    curve: FlatRate | ZeroRates | DiscountFactors,
    *,
    valuation_date: datetime.date,
    dates: Sequence[datetime.date],
    extrapolate: bool,
    field: str,
) -> curve_quotes.CurveQuotes:
    """Give the engine's form of a curve for `dates`; refused by the request's names in `field`."""
    try:
        quotes = curve.engine(valuation_date)
        curve_quotes.check_reach(
            quotes, reference=valuation_date, dates=dates, extrapolate=extrapolate
        )
    except InvalidInput as refusal:
        inside = re.sub(r"^(date|rate|factor)s\.(\d+)$", r"points.\2.\1", refusal.field)
        where = field if inside == "curve" else f"{field}.{inside}"
        raise InvalidInput(where, expected=refusal.expected, received=refusal.received) from refusal
    return quotes


class StatedRate(Payload):
    """An exchange rate: one unit of `base` is worth `rate` units of `quote`."""

    base: Currency
    """ISO 4217."""
    quote: Currency
    """ISO 4217."""
    rate: Annotated[float, Field(gt=0, le=1e9)]
    """Used for every year alike."""

    def engine(self) -> ExchangeRate:
        """Give the engine's form."""
        return ExchangeRate(base=self.base, quote=self.quote, rate=self.rate)
