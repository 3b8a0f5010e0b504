"""Beat's entries follow the ledger, whatever happened to Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from queues.ledger import schedules
from queues.names import SCHEDULES_KEY, schedule_key
from queues.schedule import Missed, Schedule
from tests.workers.schedules.conftest import Book, cron
from tests.workers.schedules.test_sending import ids
from workers.resources import Resources
from workers.schedules.entries import Entries
from workers.schedules.mending import mend
from workers.schedules.sending import job_id_of, send_due

Put = Callable[..., Schedule]
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def test_there_is_nothing_to_mend(resources: Resources, book: Book, put: Put) -> None:
    """What tasks have written is what housekeeping expects, paused or not."""
    put(START)
    put(START, name="paused", tenant="other")
    book("other").enable("paused", enabled=False)

    assert mend(resources, now=START) == {}


def test_redis_was_wiped(resources: Resources, book: Book, put: Put) -> None:
    """All schedules come back, and those that were paused are paused."""
    schedule = put(START)
    put(START, name="paused")
    book().enable("paused", enabled=False)
    resources.redis.flushall()

    assert mend(resources, now=START + MINUTE) == {"missing": 2}
    send_due(resources.redis, now=START + MINUTE)

    assert ids(resources.redis) == {job_id_of(schedule, START + MINUTE)}
    assert resources.redis.zscore(SCHEDULES_KEY, "acme:paused") == -1
    assert mend(resources, now=START + MINUTE) == {}


def test_garbage_is_passed_over(resources: Resources, put: Put) -> None:
    """What nobody could have written ends neither beat nor housekeeping."""
    schedule, redis = put(START), resources.redis
    redis.zadd(SCHEDULES_KEY, {"garbage": 0, "a:b:c": 0, "x:y": "inf", "": 1, "acme:text": 0})
    redis.set(schedule_key("acme", "text"), "no hash")
    redis.hset(schedule_key("acme", "tick"), "version", "nonsense")

    send_due(redis, now=START + MINUTE)
    assert ids(redis) == {job_id_of(schedule, START + MINUTE)}

    assert mend(resources, now=START + MINUTE) == {"missing": 1, "orphaned": 1}


def test_each_way_to_differ(resources: Resources, book: Book, put: Put) -> None:
    """Missing, outdated and orphaned entries are each put right."""
    engine, redis = resources.ledger.engine, resources.redis
    for name in ("half", "missing", "outdated", "orphaned", "fine"):
        put(START, name=name)
    redis.zrem(SCHEDULES_KEY, "acme:missing")
    redis.delete(schedule_key("acme", "half"))
    schedules.enable(engine, "acme", "outdated", enabled=False)
    schedules.remove(engine, "acme", "orphaned")

    assert mend(resources, now=START) == {"missing": 2, "outdated": 1, "orphaned": 1}

    assert redis.zscore(SCHEDULES_KEY, "acme:outdated") == -1
    assert sorted(redis.zrange(SCHEDULES_KEY, 0, -1)) == [
        f"acme:{name}" for name in ("fine", "half", "missing", "outdated")
    ]
    assert not redis.exists(schedule_key("acme", "orphaned"))
    assert mend(resources, now=START) == {}


def test_a_run_lost_with_redis_is_made_up(resources: Resources, put: Put) -> None:
    """The last run is sent if it was due within a day; under its id it is one job in any case."""
    nightly = put(START, name="nightly", **cron("0 2 * * *"))
    put(START, name="skipped", missed=Missed.SKIP, **cron("0 2 * * *"))
    put(START, name="yearly", **cron("0 0 1 6 *"))
    resources.redis.flushall()
    morning = START + 40 * DAY

    mend(resources, now=morning)
    send_due(resources.redis, now=morning)

    assert ids(resources.redis) == {job_id_of(nightly, morning.replace(hour=2))}


def test_a_ledger_alone_is_enough(resources: Resources, book: Book, put: Put) -> None:
    """What beat is given back is what it had."""
    put(START, **cron("30 2 * * *", "Europe/Berlin"))
    now = START + MINUTE
    [before] = Entries(resources.redis).due(now)
    resources.redis.flushall()

    mend(resources, now=START)

    [after] = Entries(resources.redis).due(now)
    assert after == before
