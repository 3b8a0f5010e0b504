"""Watchers hear enough and not too much, and a run that must end is stopped in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from engines.errors import Stopped
from workers.failure import Cancelled, DeadlineExceeded, TimeLimitReached
from workers.progress_reporter import ProgressReporter


class Watched:
    """A run with a clock of its own: what was told, how often the wish was looked up."""

    def __init__(
        self, *, soft_limit_seconds: float = 600, deadline: datetime | None = None
    ) -> None:
        self.now = 5000.0
        self.told: list[tuple[float, str]] = []
        self.looks = 0
        self.wish: str | None = None
        self.is_redis_away = False
        self.report = ProgressReporter(
            tell=self._tell,
            cancellation=self._look,
            deadline=deadline,
            soft_limit_seconds=soft_limit_seconds,
            monotonic=lambda: self.now,
        )

    def run(self, *, seconds: float, step: float) -> None:
        """Report at each step of a run."""
        for number in range(round(seconds / step)):
            self.report(number * step / seconds)
            self.now += step

    def _tell(self, fraction: float, message: str) -> None:
        self._reach_redis()
        self.told.append((fraction, message))

    def _look(self) -> str | None:
        self._reach_redis()
        self.looks += 1
        return self.wish

    def _reach_redis(self) -> None:
        if self.is_redis_away:
            raise RedisConnectionError("away")


def test_the_first_report_is_told() -> None:
    """A run that reports once was heard."""
    watched = Watched()

    watched.report(0.25, "block 1 of 4")

    assert watched.told == [(0.25, "block 1 of 4")]


def test_watchers_hear_ten_times_a_second() -> None:
    """However often an engine reports, Redis is written to at most ten times a second."""
    watched = Watched()

    watched.run(seconds=2, step=0.001)

    assert 18 <= len(watched.told) <= 20


def test_the_wish_is_looked_up_four_times_a_second() -> None:
    """Often enough to stop within a second, not on every call."""
    watched = Watched()

    watched.run(seconds=2, step=0.001)

    assert 7 <= watched.looks <= 8


def test_a_wish_stops_the_run_soon() -> None:
    """Within a quarter of a second of reports the run is stopped, with the caller's reason."""
    watched = Watched()
    watched.report(0.0)
    watched.wish = "not needed"

    with pytest.raises(Cancelled, match="not needed"):
        watched.run(seconds=0.3, step=0.01)

    assert watched.now < 5000.3


def test_an_empty_reason_stops_it_too() -> None:
    """A wish without words is a wish."""
    watched = Watched()
    watched.wish = ""

    with pytest.raises(Cancelled):
        watched.report(0.0)


def test_the_soft_limit_stops_the_run() -> None:
    """At its limit, not before, and the error names it."""
    watched = Watched(soft_limit_seconds=3)
    watched.now += 2.999
    watched.report(0.5)
    watched.now += 0.001

    with pytest.raises(TimeLimitReached, match="limit of 3 s"):
        watched.report(0.6)


def test_a_deadline_stops_the_run() -> None:
    """Once the result is worthless, nobody computes it."""
    moment = datetime.now(UTC) - timedelta(microseconds=1)

    with pytest.raises(DeadlineExceeded, match=str(moment.year)):
        Watched(deadline=moment).report(0.0)


def test_a_later_deadline_does_not() -> None:
    """Before it, the run goes on."""
    watched = Watched(deadline=datetime.now(UTC) + timedelta(hours=1))

    watched.report(0.5)
    watched.report.check_deadline()

    assert len(watched.told) == 1


def test_redis_away_does_not_end_a_run() -> None:
    """Nobody hears of it for a while; the run goes on."""
    watched = Watched()
    watched.is_redis_away = True
    watched.run(seconds=1, step=0.05)

    watched.is_redis_away = False
    watched.run(seconds=1, step=0.05)

    assert 9 <= len(watched.told) <= 10


def test_redis_away_does_not_lift_the_limit() -> None:
    """Time passes also while nobody can be told."""
    watched = Watched(soft_limit_seconds=0.5)
    watched.is_redis_away = True

    with pytest.raises(TimeLimitReached):
        watched.run(seconds=1, step=0.05)


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        (-0.5, 0.0),
        (1.5, 1.0),
        (0, 0.0),
        (1, 1.0),
        (float("inf"), 1.0),
        (float("-inf"), 0.0),
        (float("nan"), 0.0),
    ],
)
def test_a_fraction_is_held_to_its_range(reported: float, told: float) -> None:
    """An engine's arithmetic slip shows as too much or too little, never as a failed job."""
    watched = Watched()

    watched.report(reported)

    assert watched.told == [(told, "")]


@pytest.mark.parametrize("kind", [Cancelled, DeadlineExceeded, TimeLimitReached])
def test_every_stop_is_one(kind: type[Exception]) -> None:
    """An engine knows one exception that it lets pass."""
    assert issubclass(kind, Stopped)
