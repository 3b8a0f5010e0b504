"""Amounts in one currency, at rates that the caller states."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engines.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """What one unit of a currency is worth in another."""

    base: str
    """ISO 4217: one unit of it ..."""
    quote: str
    """... is worth `rate` of this."""
    rate: float


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """Into one currency, by a table of rates; nothing is guessed by way of a third currency."""

    to: str
    rates: tuple[ExchangeRate, ...]
    allow_inverse: bool = False
    """Whether one over the opposite rate may stand in for a rate that is missing."""

    def __post_init__(self) -> None:
        _check(self.rates)

    def factor(self, currency: str, *, field: str = "currency") -> float:
        """Give what one unit of `currency` is worth; refuse a pair that the table lacks."""
        if currency == self.to:
            return 1.0
        for rate in self.rates:
            if (rate.base, rate.quote) == (currency, self.to):
                return rate.rate
        if self.allow_inverse:
            for rate in self.rates:
                if (rate.base, rate.quote) == (self.to, currency):
                    return 1 / rate.rate
        expected = f"a currency with a rate to {self.to} in `exchangeRates`"
        raise InvalidInput(field, expected=expected, received=currency)


def _check(rates: Iterable[ExchangeRate]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, each in enumerate(rates):
        pair = (each.base, each.quote)
        if each.base == each.quote or pair in seen:
            expected = "one rate for each pair of different currencies"
            raise InvalidInput(f"exchangeRates.{index}", expected=expected, received="/".join(pair))
        if not (math.isfinite(each.rate) and 0 < each.rate <= 1e9):
            expected = "a rate above 0, at most 1e9"
            raise InvalidInput(f"exchangeRates.{index}.rate", expected=expected, received=each.rate)
        seen.add(pair)
