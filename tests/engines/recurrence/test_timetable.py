"""When a recurring thing is due, on clocks that are put forward and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.recurrence.timetable import Interval, wall_clock

MINUTE = timedelta(minutes=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(moments: list[datetime], zone: str) -> list[str]:
    return [moment.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z") for moment in moments]


@pytest.mark.parametrize(
    ("cron", "days", "runs"),
    [
        # 29 March 2026: 02:00 CET becomes 03:00 CEST.
        (
            "30 2 * * *",
            ("2026-03-28", "2026-03-31"),
            ["28 02:30+0100", "29 03:30+0200", "30 02:30+0200"],
        ),
        ("30 2,3 * * *", ("2026-03-29", "2026-03-29 12:00"), ["29 03:30+0200"]),
        (
            "30 * * * *",
            ("2026-03-29", "2026-03-29 03:00"),
            ["29 01:30+0100", "29 03:30+0200", "29 04:30+0200"],
        ),
        # 25 October 2026: 03:00 CEST becomes 02:00 CET.
        (
            "30 2 * * *",
            ("2026-10-24", "2026-10-27"),
            ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"],
        ),
        (
            "30 * * * *",
            ("2026-10-25", "2026-10-25 03:00"),
            ["25 02:30+0200", "25 02:30+0100", "25 03:30+0100"],
        ),
    ],
)
def test_half_past_two_in_berlin(cron: str, days: tuple[str, str], runs: list[str]) -> None:
    """RFC 5545, 3.3.5: a skipped time is counted with the offset before the gap, a repeated one
    is the first; what is hourly goes on every hour.
    """
    berlin = wall_clock(cron, "Europe/Berlin")

    assert shown(berlin.between(utc(days[0]), utc(days[1])), "Europe/Berlin") == runs


Fits = Callable[[datetime], bool]
EXPRESSIONS: dict[str, tuple[Fits, bool]] = {
    "30 2 * * *": (lambda at: (at.hour, at.minute) == (2, 30), False),
    "*/15 * * * *": (lambda at: at.minute % 15 == 0, True),
    "5 * * * 0": (lambda at: at.minute == 5 and at.isoweekday() == 7, True),
    "0 0 1 * *": (lambda at: (at.day, at.hour, at.minute) == (1, 0, 0), False),
    "15,45 0-3 * 3-4,9-11 *": (
        lambda at: at.minute in (15, 45) and at.hour <= 3 and at.month in (3, 4, 9, 10, 11),
        False,
    ),
    "20 1-2 13 * 5": (
        lambda at: at.minute == 20 and at.hour in (1, 2) and (at.day == 13 or at.weekday() == 4),
        False,
    ),
}
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # by half an hour
    "Antarctica/Troll",  # by two hours
    "Asia/Beirut",  # at midnight
    "Africa/Casablanca",  # put back for Ramadan
    "Asia/Kolkata",  # five and a half hours ahead, always
)


def _days_of_change(zone: str) -> list[datetime]:
    """The days of the year on which the clocks of a zone are moved, and one quiet day."""
    days = [NEW_YEAR + timedelta(days=number) for number in range(366)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    changes = [day for day, pair in zip(days, pairwise(offsets), strict=False) if len({*pair}) > 1]
    return [utc("2026-05-13"), *changes]


def _looked_up(zone: str, first: datetime, fits: Fits, *, hourly: bool) -> Iterator[datetime]:
    """Give what is due by looking at a clock every minute for three days."""
    seen: set[datetime] = set()
    shift, end_of_gap = timedelta(0), first
    before = first.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    for at in (first + number * MINUTE for number in range(1, 3 * 1440 + 1)):
        shows = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        jump = shows - before - MINUTE
        if jump > timedelta(0):
            shift, end_of_gap = jump, at + jump
        is_due = fits(shows) and (hourly or shows not in seen)
        would_have_been_due = at < end_of_gap and fits(shows - shift)
        if is_due or would_have_been_due:
            yield at
        seen.add(shows)
        before = shows


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", EXPRESSIONS)
def test_minute_by_minute(cron: str, zone: str) -> None:
    """The same runs as somebody finds who looks at the clock every minute, around each change."""
    fits, hourly = EXPRESSIONS[cron]
    for change in _days_of_change(zone):
        first = change - timedelta(days=1)
        looked_up = list(_looked_up(zone, first, fits, hourly=hourly))
        clock = wall_clock(cron, zone)

        assert clock.between(first, first + timedelta(days=3)) == looked_up
        for earlier, later in pairwise([first, *looked_up]):
            assert clock.next(earlier) == later
            assert clock.latest(later, after=first) == later
            assert clock.latest(later - MINUTE / 2, after=earlier) is None


MOMENTS = st.integers(0, 365 * 1440).map(lambda number: NEW_YEAR + number * MINUTE)


@given(MOMENTS, st.sampled_from(sorted(EXPRESSIONS)), st.sampled_from(ZONES))
def test_next_and_latest_are_neighbours(moment: datetime, cron: str, zone: str) -> None:
    """Between the latest run and the next there is none, and each is found from the other."""
    clock = wall_clock(cron, zone)
    upcoming = clock.next(moment)
    latest = clock.latest(moment, after=utc("2024-01-01"))

    assert latest is not None
    assert latest <= moment < upcoming
    assert clock.between(latest, upcoming) == [upcoming]
    assert clock.next(latest) == upcoming
    assert clock.latest(upcoming, after=latest) == upcoming
    assert clock.latest(moment, after=latest) is None


def test_a_rare_day() -> None:
    """A leap day is found over eight years without one."""
    clock = wall_clock("0 12 29 2 *", "UTC")

    assert clock.next(utc("2096-03-01")) == utc("2104-02-29 12:00")
    assert clock.latest(utc("2103-12-31"), after=utc("2095-01-01")) == utc("2096-02-29 12:00")
    assert clock.latest(utc("2103-12-31"), after=utc("2097-01-01")) is None


def test_an_interval_counts_from_its_start() -> None:
    """Moments lie on a grid, so that every process finds the same ones."""
    half_minutes = Interval(every=timedelta(seconds=30), start=utc("2026-05-04 10:00:05"))
    start = half_minutes.start

    assert half_minutes.next(start - timedelta(days=1)) == utc("2026-05-04 10:00:35")
    assert half_minutes.next(start) == utc("2026-05-04 10:00:35")
    assert half_minutes.next(utc("2026-05-04 10:00:35")) == utc("2026-05-04 10:01:05")
    assert half_minutes.latest(utc("2026-05-04 10:01:04"), after=start) == utc(
        "2026-05-04 10:00:35"
    )
    assert half_minutes.latest(utc("2026-05-04 10:00:34"), after=start) is None
    assert half_minutes.latest(utc("2026-05-04 10:01:04"), after=utc("2026-05-04 10:00:35")) is None


@pytest.mark.parametrize("name", ["Europe/Bonn", "+01:00", "", "../UTC", "localtime", "posix/UTC"])
def test_what_is_no_time_zone(name: str) -> None:
    """Only names of the IANA database mean the same everywhere."""
    with pytest.raises(InvalidInput, match="time_zone: expected a name as in"):
        wall_clock("0 6 * * *", name)
