"""Cron expressions, as POSIX defines them (IEEE Std 1003.1-2017, `crontab`, INPUT FILES).

Beyond POSIX: steps (`*/15`, `9-17/2`), English names of three letters, and 7 for Sunday.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engines.errors import InvalidInput

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?P<all>\*)|(?P<low>\w{1,3})(-(?P<high>\w{1,3}))?")
_A_LEAP_YEAR = 2000


@dataclass(frozen=True)
class _Field:
    """One of the five fields: its range, and names for some of its numbers."""

    words: str
    first: int
    last: int
    names: dict[str, int]

    def read(self, text: str) -> frozenset[int]:
        """Give the numbers that a field names."""
        return frozenset(number for part in text.split(",") for number in self._part(part, text))

    def _part(self, part: str, text: str) -> range:
        span, slash, step = part.partition("/")
        found = _PART.fullmatch(span)
        if found is None or (slash and not found["all"] and not found["high"]):
            raise self._refused(text)
        low = self.first if found["all"] else self._number(found["low"], text)
        high = self.last if found["all"] else self._number(found["high"] or found["low"], text)
        if low > high or (slash and not re.fullmatch(r"[1-9][0-9]?", step)):
            raise self._refused(text)
        return range(low, high + 1, int(step or 1))

    def _number(self, word: str, text: str) -> int:
        number = self.names.get(word.lower(), int(word) if re.fullmatch("[0-9]+", word) else -1)
        if not self.first <= number <= self.last:
            raise self._refused(text)
        return number

    def _refused(self, text: str) -> InvalidInput:
        expected = (
            f"{self.words} of {self.first} to {self.last}, as in `*`, `5`, `1-5`, `1,5`, `*/5`"
        )
        return InvalidInput("cron", expected=expected, received=text)


_FIELDS = (
    _Field("minutes", 0, 59, {}),
    _Field("hours", 0, 23, {}),
    _Field("days of the month", 1, 31, {}),
    _Field("months", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("days of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)


@dataclass(frozen=True, kw_only=True)
class Cron:
    """The minutes of a wall clock at which something happens."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days_of_month: frozenset[int]
    months: frozenset[int]
    days_of_week: frozenset[int]
    """0 is Sunday."""

    @classmethod
    def read(cls, expression: str) -> Cron:
        """Read five fields. Raises `InvalidInput`, also for days that no year has."""
        texts = expression.split()
        if len(texts) != len(_FIELDS):
            raise InvalidInput(
                "cron",
                expected="minute, hour, day of month, month and day of week, as in `30 6 * * 1-5`",
                received=expression,
            )
        minutes, hours, days_of_month, months, days_of_week = (
            field.read(text) for field, text in zip(_FIELDS, texts, strict=True)
        )
        cron = cls(
            minutes=minutes,
            hours=hours,
            days_of_month=days_of_month,
            months=months,
            days_of_week=frozenset(day % 7 for day in days_of_week),
        )
        if not cron._has_a_day():
            raise InvalidInput("cron", expected="a day that some year has", received=expression)
        return cron

    @property
    def is_hourly(self) -> bool:
        """Whether it leaves out no hour of a day."""
        return len(self.hours) == 24

    def falls_on(self, day: date) -> bool:
        """Tell whether it happens on a day.

        If both kinds of days are restricted, either is enough: `0 0 1,15 * 1` is the first, the
        fifteenth and every Monday.
        """
        if day.month not in self.months:
            return False
        by_date = day.day in self.days_of_month
        by_weekday = day.isoweekday() % 7 in self.days_of_week
        if self._names_dates and self._names_weekdays:
            return by_date or by_weekday
        return by_date and by_weekday

    def times(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Give its times on a clock without a zone, in [first, last]."""
        day = first.date()
        while day <= last.date():
            if self.falls_on(day):
                for hour in sorted(self.hours):
                    if datetime.combine(day, time(hour, 59)) < first:
                        continue
                    for minute in sorted(self.minutes):
                        moment = datetime.combine(day, time(hour, minute))
                        if moment > last:
                            return
                        if moment >= first:
                            yield moment
            day += timedelta(days=1)

    @property
    def _names_dates(self) -> bool:
        return len(self.days_of_month) < 31

    @property
    def _names_weekdays(self) -> bool:
        return len(self.days_of_week) < 7

    def _has_a_day(self) -> bool:
        longest = max(monthrange(_A_LEAP_YEAR, month)[1] for month in self.months)
        return min(self.days_of_month) <= longest or self._names_weekdays
