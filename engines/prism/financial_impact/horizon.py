"""When money moves, and in which money it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.finance.tenor import months_after

Floats = NDArray[np.float64]
Timing = Literal["endOfYear", "midYear"]
Prices = Literal["constant", "current"]
Rates = Literal["nominal", "real"]

MAX_YEARS: Final = 50


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """Years counted from the valuation date, with one cash flow each."""

    valuation_date: date
    years: int
    timing: Timing
    """A year's money moves at its end, or half-way: closer to losses that come at any time."""

    @property
    def times(self) -> Floats:
        """Years from the valuation date to each cash flow."""
        return np.arange(1.0, self.years + 1) - (0.5 if self.timing == "midYear" else 0)

    @property
    def dates(self) -> tuple[date, ...]:
        """Of the cash flows; a day that its month lacks is the last of the month."""
        return tuple(months_after(self.valuation_date, round(12 * time)) for time in self.times)


def price_factors(
    horizon: Horizon, *, prices: Prices, rates: Rates, inflation: Sequence[float] | None
) -> Floats:
    """Give what turns each year's amounts into the money that the discount rates are for.

    Nominal rates discount the money of the day, real rates that of the valuation date: Brealey,
    Myers and Allen, Principles of Corporate Finance, chapter 6 ("Treat inflation consistently").
    Amounts in constant prices grow with the index for nominal rates, those in current prices
    shrink by it for real rates; where the two agree there is nothing to do and an inflation is
    refused, as it would be counted twice.
    """
    agree = (prices, rates) in {("current", "nominal"), ("constant", "real")}
    if agree and inflation is not None:
        raise InvalidInput(
            "inflationPerYear",
            expected=f"none: amounts in {prices} prices at {rates} rates take no inflation",
            received="one",
        )
    if agree:
        return np.ones(horizon.years)
    if inflation is None:
        raise InvalidInput(
            "inflationPerYear",
            expected=f"an inflation, to bring amounts in {prices} prices to {rates} rates",
            received="none",
        )
    index = price_index(horizon, inflation)
    return index if prices == "constant" else 1 / index


def price_index(horizon: Horizon, inflation: Sequence[float]) -> Floats:
    """Give the price level at each cash flow, 1 at the valuation date; `inflation` by year."""
    growth = 1 + np.array(inflation)
    at_ends = np.cumprod(growth)
    return np.asarray(at_ends if horizon.timing == "endOfYear" else at_ends / np.sqrt(growth))
