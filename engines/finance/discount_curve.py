"""Discount factors by date, by QuantLib's curves.

QuantLib keeps one evaluation date for the whole process. No curve here depends on it: each is
built from an explicit reference date, so it neither moves with that date nor needs it set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, assert_never

import numpy as np
import QuantLib as ql
from numpy.typing import NDArray

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
    check_reach,
)

_COMPOUNDING: Final[dict[Compounding, int]] = {
    "simple": ql.Simple,
    "compounded": ql.Compounded,
    "continuous": ql.Continuous,
}
_FREQUENCY: Final[dict[Frequency, int]] = {
    "annual": ql.Annual,
    "semiannual": ql.Semiannual,
    "quarterly": ql.Quarterly,
    "monthly": ql.Monthly,
}
_DAY_COUNT: Final[dict[DayCount, Any]] = {
    "actual365Fixed": ql.Actual365Fixed(),
    "actual360": ql.Actual360(),
    "thirty360": ql.Thirty360(ql.Thirty360.BondBasis),
    "actualActual": ql.ActualActual(ql.ActualActual.ISDA),
}


def discount_factors(
    quotes: CurveQuotes, *, reference: date, dates: Sequence[date], extrapolate: bool = False
) -> NDArray[np.float64]:
    """Give what one unit of money at each of `dates` is worth at `reference`.

    Refused are dates before the reference and, unless `extrapolate`, after the curve's last; with
    it, the instantaneous forward rate at the curve's end goes on for ever.
    """
    check_reach(quotes, reference=reference, dates=dates, extrapolate=extrapolate)
    try:
        curve = _curve(quotes, ql.Date.from_date(reference))
        factors = np.array([curve.discount(ql.Date.from_date(when), True) for when in dates])
    except RuntimeError as error:  # QuantLib's only exception
        raise InvalidInput("curve", expected="rates that make a curve", received=error) from error
    if not (np.isfinite(factors) & (factors > 0)).all():
        raise InvalidInput("curve", expected="positive discount factors", received=factors.min())
    return factors


def _curve(quotes: CurveQuotes, reference: Any) -> Any:
    match quotes:
        case FlatRate(rate=rate, convention=convention):
            return ql.FlatForward(reference, rate, *_conventions(convention))
        case ZeroRates():
            kind, between = {
                "linear": (ql.ZeroCurve, ql.Linear()),
                "monotonicCubic": (ql.MonotonicCubicZeroCurve, ql.MonotonicCubic()),
            }[quotes.interpolation]
            day_count, *compounding = _conventions(quotes.convention)
            # The rate of no time at all is of no effect but on the interpolation.
            rates = [quotes.rates[0], *quotes.rates]
            dates = _dates(reference, quotes.dates)
            return kind(dates, rates, day_count, ql.NullCalendar(), between, *compounding)
        case DiscountFactors():
            kind, between = {
                "logLinear": (ql.DiscountCurve, ql.LogLinear()),
                "monotonicLogCubic": (ql.LogCubicDiscountCurve, ql.MonotonicLogCubic()),
            }[quotes.interpolation]
            factors = [1.0, *quotes.factors]
            day_count = _DAY_COUNT[quotes.day_count]
            dates = _dates(reference, quotes.dates)
            return kind(dates, factors, day_count, ql.NullCalendar(), between)
        case _:
            assert_never(quotes)


def _conventions(convention: RateConvention) -> tuple[Any, int, int]:
    return (
        _DAY_COUNT[convention.day_count],
        _COMPOUNDING[convention.compounding],
        _FREQUENCY[convention.frequency],
    )


def _dates(reference: Any, dates: Sequence[date]) -> list[Any]:
    return [reference, *map(ql.Date.from_date, dates)]
