"""Dates by months."""

from __future__ import annotations

from datetime import date

import pytest

from engines.errors import InvalidInput
from engines.finance.tenor import date_of_tenor, months_after


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_where_the_month_does(start: date, months: int, end: date) -> None:
    """The same day, or the last."""
    assert months_after(start, months) == end


def test_a_tenor_is_months_or_years() -> None:
    """Eighteen months are a year and a half."""
    start = date(2026, 1, 1)

    assert date_of_tenor(start, "18M") == date(2027, 7, 1)
    assert date_of_tenor(start, "5Y") == date(2031, 1, 1)


@pytest.mark.parametrize("tenor", ["", "5", "5D", "0Y", "-1Y", "101Y", "5y", "99999M", "1Y\n"])
def test_what_is_no_tenor_is_refused(tenor: str) -> None:
    """With what one looks like."""
    with pytest.raises(InvalidInput, match="18M, 5Y"):
        date_of_tenor(date(2026, 1, 1), tenor)
