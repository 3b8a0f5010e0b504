"""Dates some months on, in the plain calendar: no holidays."""

from __future__ import annotations

import calendar
import re
from datetime import date

from engines.errors import InvalidInput


def months_after(start: date, months: int) -> date:
    """Give the same day some months later, or the last of a month that lacks it."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def date_of_tenor(start: date, tenor: str, *, field: str = "tenor") -> date:
    """Give the date a tenor (`18M`, `5Y`) after the start, up to a hundred years."""
    parsed = re.fullmatch(r"([1-9][0-9]{0,3})([MY])", tenor)
    months = 0 if parsed is None else int(parsed[1]) * (12 if parsed[2] == "Y" else 1)
    if not 0 < months <= 1200:
        raise InvalidInput(field, expected="months or years: 18M, 5Y", received=tenor)
    return months_after(start, months)
