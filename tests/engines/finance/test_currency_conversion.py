"""Currencies are converted at stated rates and no others."""

from __future__ import annotations

import math

import pytest

from engines.errors import InvalidInput
from engines.finance.currency_conversion import Conversion, ExchangeRate

DOLLAR = ExchangeRate(base="USD", quote="EUR", rate=0.8)


def into_euro(*rates: ExchangeRate, allow_inverse: bool = False) -> Conversion:
    return Conversion(to="EUR", rates=rates, allow_inverse=allow_inverse)


def test_a_stated_rate_is_used() -> None:
    """One dollar is 0.8 euro; one euro is one euro."""
    assert into_euro(DOLLAR).factor("USD") == 0.8
    assert into_euro().factor("EUR") == 1


def test_an_inverse_is_used_only_when_allowed() -> None:
    """1.25 dollars a euro is 0.8 euros a dollar."""
    opposite = ExchangeRate(base="EUR", quote="USD", rate=1.25)

    with pytest.raises(InvalidInput):
        into_euro(opposite).factor("USD")
    assert into_euro(opposite, allow_inverse=True).factor("USD") == 0.8


def test_a_missing_pair_is_refused_by_name() -> None:
    """Even where a third currency could lead there."""
    rates = (ExchangeRate(base="GBP", quote="USD", rate=1.3), DOLLAR)

    with pytest.raises(InvalidInput, match=r"a rate to EUR .* received GBP") as refusal:
        into_euro(*rates, allow_inverse=True).factor("GBP", field="controls.0.currency")
    assert refusal.value.field == "controls.0.currency"


@pytest.mark.parametrize(
    ("rates", "field"),
    [
        ((DOLLAR, DOLLAR), "exchangeRates.1"),
        ((ExchangeRate(base="EUR", quote="EUR", rate=1),), "exchangeRates.0"),
        ((ExchangeRate(base="USD", quote="EUR", rate=0),), "exchangeRates.0.rate"),
        ((ExchangeRate(base="USD", quote="EUR", rate=-1),), "exchangeRates.0.rate"),
        ((ExchangeRate(base="USD", quote="EUR", rate=math.nan),), "exchangeRates.0.rate"),
        ((ExchangeRate(base="USD", quote="EUR", rate=math.inf),), "exchangeRates.0.rate"),
    ],
)
def test_a_table_that_is_none_is_refused(rates: tuple[ExchangeRate, ...], field: str) -> None:
    """Two rates for a pair, a currency into itself, no rate at all."""
    with pytest.raises(InvalidInput) as refusal:
        into_euro(*rates)
    assert refusal.value.field == field
