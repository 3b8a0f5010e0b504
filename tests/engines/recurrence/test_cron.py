"""What a cron expression means."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from engines.errors import InvalidInput
from engines.recurrence.cron import Cron


def _days(expression: str, first: date, last: date) -> list[date]:
    cron = Cron.read(expression)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if cron.falls_on(day)]


def test_either_kind_of_day() -> None:
    """POSIX, `crontab`: `0 0 1,15 * 1` is "the first and fifteenth of each month, as well as on
    every Monday"; `0 0 * * 1` is "only Mondays".
    """
    may = (date(2026, 5, 1), date(2026, 5, 31))
    mondays = [date(2026, 5, day) for day in (4, 11, 18, 25)]

    assert _days("0 0 1,15 * 1", *may) == sorted([date(2026, 5, 1), date(2026, 5, 15), *mondays])
    assert _days("0 0 * * 1", *may) == mondays


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("*/20 8-18/5 * * *", "0,20,40 8,13,18 * * *"),
        ("0 0 * JAN-mar Mon,FRI", "0 0 * 1-3 1,5"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * 5-7", "0 0 * * 5,6,0"),
        ("*/1 * * * *", "* 0-23 1-31 1-12 0-6"),
        ("  0   6\t* * * ", "0 6 * * *"),
    ],
)
def test_ways_to_write_it(expression: str, same: str) -> None:
    """Steps, names, lists and ranges are short for the numbers they mean."""
    assert Cron.read(expression) == Cron.read(same)


@pytest.mark.parametrize(
    ("expression", "expected", "received"),
    [
        ("daily", "minute, hour, day of month, month and day of week, as in", "daily"),
        ("0 6 * *", "minute, hour, day of month, month and day of week, as in", "0 6 * *"),
        ("60 6 * * *", "minutes of 0 to 59", "60"),
        ("0 24 * * *", "hours of 0 to 23", "24"),
        ("0 6 0 * *", "days of the month of 1 to 31", "0"),
        ("0 6 * 13 *", "months of 1 to 12", "13"),
        ("0 6 * * 8", "days of the week of 0 to 7", "8"),
        ("0 6 * * Frei", "days of the week of 0 to 7", "Frei"),
        ("0 6 * * 5-1", "days of the week of 0 to 7", "5-1"),
        ("5/15 * * * *", "minutes of 0 to 59", "5/15"),
        ("*/0 * * * *", "minutes of 0 to 59", "*/0"),
        ("1, * * * *", "minutes of 0 to 59", "1,"),
        ("-1 * * * *", "minutes of 0 to 59", "-1"),
        ("\u0661 * * * *", "minutes of 0 to 59", "\u0661"),
        ("0 6 30 2 *", "a day that some year has", "0 6 30 2 *"),
        ("0 6 31 4,6,9,11 *", "a day that some year has", "0 6 31 4,6,9,11 *"),
    ],
)
def test_what_is_no_cron_expression(expression: str, expected: str, received: str) -> None:
    """The field that cannot be read is shown, with what would stand there."""
    with pytest.raises(InvalidInput) as refusal:
        Cron.read(expression)

    assert refusal.value.field == "cron"
    assert refusal.value.expected.startswith(expected)
    assert refusal.value.received == received


def test_times_of_a_day() -> None:
    """Its times on a clock without a zone, both ends included."""
    cron = Cron.read("0,30 9,17 * * *")
    day = datetime(2026, 5, 4)  # noqa: DTZ001 - a clock without a zone

    assert list(cron.times(day.replace(hour=9, minute=30), day.replace(hour=17))) == [
        day.replace(hour=9, minute=30),
        day.replace(hour=17),
    ]
