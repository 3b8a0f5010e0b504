"""What is due is sent, once, for its tenant; what was missed as its schedule says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from queues.message import TaskMessage
from queues.names import MAX_WAITING_KEY, SCHEDULES_KEY, Priority, schedule_key
from queues.schedule import Missed, Schedule
from queues.submission import SubmissionRegistry
from tests.workers.schedules.conftest import Book, cron
from workers.resources import Resources
from workers.schedules.entries import Entries
from workers.schedules.sending import job_id_of, message_of, send_due

Put = Callable[..., Schedule]
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def sent(redis: Redis) -> list[TaskMessage]:
    """The messages that wait, in the order in which they were sent."""
    waiting = SubmissionRegistry(redis).waiting(sent_before=FAR, limit=100)
    return [
        TaskMessage.from_wire(raw, queue="cpu", priority=Priority.NORMAL) for _, _, raw in waiting
    ]


def ids(redis: Redis) -> set[str]:
    return {message.job_id for message in sent(redis)}


def test_a_job_is_its_tenants_and_says_where_it_comes_from(resources: Resources, put: Put) -> None:
    """It is an ordinary job of a new id, of its tenant, of its priority, sent now."""
    schedule = put(START, tenant="other", priority=Priority.HIGH)
    now = START + MINUTE

    upcoming = send_due(resources.redis, now=now)

    [message] = sent(resources.redis)
    assert (message.task, message.request) == ("fleet.echo", {"message": "tick"})
    assert (message.tenant, message.origin) == ("other", "schedule:tick")
    assert message.sent_at == now
    assert message.job_id == job_id_of(schedule, now)
    assert message_of(schedule, due=now, now=now).priority is Priority.HIGH
    assert upcoming == now + MINUTE


def test_nothing_is_sent_before_its_time(resources: Resources, put: Put) -> None:
    """The first job is due an interval after the schedule was made."""
    put(START)

    assert send_due(resources.redis, now=START + 59 * MINUTE / 60) == START + MINUTE
    assert sent(resources.redis) == []


def test_each_time_is_another_job(resources: Resources, put: Put) -> None:
    """However often beat looks, a moment has one job, and the next has another."""
    schedule = put(START)
    for seconds in (60, 60.5, 61, 119.9, 120, 180.2):
        send_due(resources.redis, now=START + timedelta(seconds=seconds))

    assert ids(resources.redis) == {
        job_id_of(schedule, START + number * MINUTE) for number in (1, 2, 3)
    }


def test_two_beats_send_it_once(resources: Resources, put: Put) -> None:
    """Both have read that the job is due before either says that it sent it."""
    put(START)
    entries, redis, now = Entries(resources.redis), resources.redis, START + MINUTE
    [first], [second] = list(entries.due(now)), list(entries.due(now))

    for beat, entry in enumerate((first, second)):
        due = entry.owed(now)
        assert due == now
        message = message_of(entry.schedule, due=due, now=now + beat * timedelta(seconds=1))
        SubmissionRegistry(redis).submit(message)
        entries.put_off(entry, until=entry.next(now), sent=due)

    assert len(sent(redis)) == 1


@pytest.mark.parametrize(
    ("missed", "back", "late"),
    [
        # As late as a run is when another beat takes over from one that died.
        (Missed.SKIP, "2026-05-20T10:30:50Z", "2026-05-20T10:30:00Z"),
        (Missed.SKIP, "2026-05-20T10:31:10Z", None),
        (Missed.RUN_ONCE, "2026-05-20T10:31:10Z", "2026-05-20T10:30:00Z"),
        (Missed.RUN_ONCE, "2026-06-20T10:29:00Z", "2026-06-19T10:30:00Z"),
    ],
)
def test_runs_that_were_missed(
    resources: Resources, put: Put, missed: Missed, back: str, late: str | None
) -> None:
    """None or one is sent when beat is back, never one for each."""
    schedule = put(START, missed=missed, **cron("30 10 * * *"))
    first, now = START + 30 * MINUTE, datetime.fromisoformat(back)
    send_due(resources.redis, now=first)

    send_due(resources.redis, now=now)
    upcoming = send_due(resources.redis, now=now)

    runs = [first, *([datetime.fromisoformat(late)] if late else [])]
    assert ids(resources.redis) == {job_id_of(schedule, run) for run in runs}
    assert upcoming is not None
    assert now < upcoming <= now + DAY


def test_half_past_two_when_clocks_are_put_forward(resources: Resources, put: Put) -> None:
    """A beat that looks now and then sends a nightly job once a night, also in that night."""
    evening = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)
    schedule = put(evening, **cron("30 2 * * *", "Europe/Berlin"))
    for number in range(3 * 24 * 4):
        send_due(resources.redis, now=evening + number * 15 * MINUTE)

    nights = ("2026-03-28T01:30+00:00", "2026-03-29T01:30+00:00", "2026-03-30T00:30+00:00")
    assert ids(resources.redis) == {
        job_id_of(schedule, datetime.fromisoformat(night)) for night in nights
    }


def test_a_change_forgets_what_was_due_before(resources: Resources, book: Book, put: Put) -> None:
    """Neither a paused schedule that goes on nor one with another clock sends for the past."""
    put(datetime.now(UTC) - 10 * DAY, **cron("* * * * *"))
    book().enable("tick", enabled=False)
    assert send_due(resources.redis, now=datetime.now(UTC)) is None

    book().enable("tick", enabled=True)
    upcoming = send_due(resources.redis, now=datetime.now(UTC))

    assert upcoming is not None
    assert sent(resources.redis) == []


def test_a_removed_schedule_sends_nothing(resources: Resources, book: Book, put: Put) -> None:
    """Also if beat has read it just before."""
    put(START)
    [entry] = Entries(resources.redis).due(START + MINUTE)

    book().remove("tick")
    Entries(resources.redis).put_off(entry, until=START + 2 * MINUTE, sent=START + MINUTE)

    assert send_due(resources.redis, now=START + 2 * MINUTE) is None
    assert resources.redis.keys("riskfleet:schedule*") == []


def test_a_change_while_beat_sends_is_seen(resources: Resources, book: Book, put: Put) -> None:
    """What beat notes of the old schedule does not put the new one off."""
    put(START, **cron("0 0 1 1 *"))
    now = datetime.now(UTC)
    [entry] = Entries(resources.redis).due(now)

    book().put(book().find("tick"), enabled=None)
    put(now, every_seconds=60)
    Entries(resources.redis).put_off(entry, until=FAR)

    upcoming = send_due(resources.redis, now=now)
    assert upcoming is not None
    assert upcoming <= now + MINUTE


def test_over_quota_is_asked_again(resources: Resources, put: Put) -> None:
    """A tenant that has too many jobs waiting gets this one when there is room, if still due."""
    schedule = put(START)
    resources.redis.hset(MAX_WAITING_KEY, "acme", 1)
    SubmissionRegistry(resources.redis).submit(
        TaskMessage(
            task="fleet.echo",
            job_id=job_id_of(schedule, START),
            queue="cpu",
            request={},
            tenant="acme",
        )
    )

    again = send_due(resources.redis, now=START + MINUTE)
    assert again == START + MINUTE + timedelta(seconds=10)
    resources.redis.hdel(MAX_WAITING_KEY, "acme")
    send_due(resources.redis, now=again)

    assert job_id_of(schedule, START + MINUTE) in ids(resources.redis)


def test_one_bad_entry_stops_nothing(resources: Resources, book: Book, put: Put) -> None:
    """What cannot be read is left to housekeeping; the others are sent."""
    put(START, name="bad")
    put(START, name="gone")
    good = put(START, name="good")
    resources.redis.hset(schedule_key("acme", "bad"), "schedule", '{"version": 2}')
    resources.redis.delete(schedule_key("acme", "gone"))

    send_due(resources.redis, now=START + MINUTE)

    assert ids(resources.redis) == {job_id_of(good, START + MINUTE)}
    assert resources.redis.zrange(SCHEDULES_KEY, 0, -1) == ["acme:good"]
