"""When a recurring thing happens next, and when it should have happened last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from engines.errors import InvalidInput
from engines.recurrence.cron import Cron

# A clock is moved by two hours at most (Antarctica/Troll), so no change that is further from a
# moment than this has to do with what is due then.
_NEARBY = tuple(timedelta(hours=hours) for hours in (-6, 0, 6))

# A search widens by these steps: most timetables have a run within the first three. Nine years
# hold a 29 February, unless they begin in 2096.
_SPANS = tuple(
    timedelta(minutes=minutes)
    for minutes in (0, 10, 120, *(1440 * days for days in (2, 32, 366, 366 * 9)))
)


class Timetable(Protocol):
    """Moments at which something is due, in UTC."""

    def next(self, after: datetime) -> datetime:
        """Give the first moment after another."""

    def latest(self, until: datetime, *, after: datetime) -> datetime | None:
        """Give the last moment in (after, until], if there is one."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Every so often, counted from a moment that is not due itself."""

    every: timedelta
    start: datetime

    def next(self, after: datetime) -> datetime:
        """Give the first moment after another."""
        return self.start + max(1, (after - self.start) // self.every + 1) * self.every

    def latest(self, until: datetime, *, after: datetime) -> datetime | None:
        """Give the last moment in (after, until], if there is one."""
        count = (until - self.start) // self.every
        moment = self.start + count * self.every
        return moment if count > 0 and moment > after else None


@dataclass(frozen=True, kw_only=True)
class WallClock:
    """A cron expression on the clocks of a time zone.

    As RFC 5545 (3.3.5) has it, a time that a clock skips is counted as if it had not been put
    forward: 02:30 comes at 03:30; a time that it shows twice is the first of the two. An
    expression that leaves out no hour happens both times.
    """

    cron: Cron
    zone: ZoneInfo

    def next(self, after: datetime) -> datetime:
        """Give the first moment after another."""
        for start, end in pairwise(_SPANS):
            if runs := self.between(after + start, after + end):
                return runs[0]
        return self.next(after + _SPANS[-1])

    def latest(self, until: datetime, *, after: datetime) -> datetime | None:
        """Give the last moment in (after, until], if there is one."""
        for end, start in pairwise(_SPANS):
            if until - end <= after:
                break
            if runs := self.between(max(after, until - start), until - end):
                return runs[-1]
        return None

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """Give all moments in (after, until], in order."""
        times = self.cron.times(min(self._shown(after)), max(self._shown(until)))
        moments = {moment for time in times for moment in self._moments(time)}
        return sorted(moment for moment in moments if after < moment <= until)

    def _shown(self, moment: datetime) -> Iterator[datetime]:
        """Give what a clock shows at a moment, with each offset that holds nearby."""
        for away in _NEARBY:
            yield (moment + away).astimezone(self.zone).replace(tzinfo=None) - away

    def _moments(self, time: datetime) -> set[datetime]:
        first, second = (
            time.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)
        )
        # Of a skipped time, the second reading is the earlier one, and nobody's.
        return {first, second} if self.cron.is_hourly and second > first else {first}


def wall_clock(cron: str, time_zone: str) -> WallClock:
    """Read a cron expression and a name of the IANA time zone database. Raises `InvalidInput`."""
    if time_zone not in _time_zones():
        raise InvalidInput(
            "time_zone", expected="a name as in `Europe/Berlin` or `UTC`", received=time_zone
        )
    return WallClock(cron=Cron.read(cron), zone=ZoneInfo(time_zone))


@cache
def _time_zones() -> frozenset[str]:
    # Each machine has its own idea of `localtime`.
    return frozenset(available_timezones() - {"localtime"})
