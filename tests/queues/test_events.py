"""A job can be watched from its beginning, from the middle, and again after a break."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import takewhile

import pytest
from pydantic import ValidationError
from redis import Redis

from queues.events import EventChannel, JobEvent, Kind
from queues.job_error import Code, JobError
from queues.names import events_key, progress_key

QUIET = timedelta(milliseconds=20)


@pytest.fixture
def channel(redis: Redis) -> EventChannel:
    return EventChannel(redis)


def _publish(channel: EventChannel, *kinds: Kind, job_id: str = "job") -> list[JobEvent]:
    events = [JobEvent(kind=kind, job_id=job_id, at=datetime.now(UTC)) for kind in kinds]
    for event in events:
        channel.publish(event)
    return events


def _kinds(channel: EventChannel, after: str = "0") -> list[Kind]:
    """Everything that is said until it is quiet or over."""
    heard = (event for _, event in channel.follow("job", after=after, patience=QUIET))
    return [event.kind for event in takewhile(lambda event: event is not None, heard) if event]


def test_who_joins_late_hears_everything(channel: EventChannel) -> None:
    """From the start of the stream, in order, though nobody listened when it happened."""
    _publish(channel, Kind.ACCEPTED, Kind.RUNNING, Kind.PROGRESS)

    assert _kinds(channel) == [Kind.ACCEPTED, Kind.RUNNING, Kind.PROGRESS]


def test_who_comes_back_goes_on(channel: EventChannel) -> None:
    """A position that was read once leads to what followed it, and to nothing twice."""
    _publish(channel, Kind.ACCEPTED, Kind.RUNNING)
    position, _ = next(channel.follow("job"))

    _publish(channel, Kind.PROGRESS)

    assert _kinds(channel, after=position) == [Kind.RUNNING, Kind.PROGRESS]


@pytest.mark.parametrize("last", [Kind.SUCCEEDED, Kind.FAILED, Kind.CANCELLED])
def test_the_last_event_ends_it(channel: EventChannel, last: Kind) -> None:
    """Nothing follows the end of a job, not even silence."""
    _publish(channel, Kind.RUNNING, last, Kind.PROGRESS)

    followed = [event for _, event in channel.follow("job", patience=QUIET)]

    assert [event.kind for event in followed if event] == [Kind.RUNNING, last]


def test_silence_is_told(channel: EventChannel) -> None:
    """When nothing happens the caller gets a turn, with the position to go on from."""
    _publish(channel, Kind.RUNNING)
    following = channel.follow("job", patience=QUIET)
    position, _ = next(following)

    assert next(following) == (position, None)
    assert next(following) == (position, None)


def test_an_unknown_job_is_silent(channel: EventChannel) -> None:
    """Watching may begin before the job does."""
    following = channel.follow("job", patience=QUIET)

    assert next(following) == ("0", None)
    _publish(channel, Kind.ACCEPTED)
    assert _kinds(channel) == [Kind.ACCEPTED]


def test_what_happens_is_heard_at_once(channel: EventChannel) -> None:
    """Whoever waits is woken by the event, long before the patience is over."""
    with ThreadPoolExecutor(1) as watcher:
        following = channel.follow("job", patience=timedelta(seconds=20))
        heard = watcher.submit(next, following)
        [told] = _publish(channel, Kind.RUNNING)
        _, event = heard.result(10)

    assert event == told.model_copy(update={"at": event.at})


def test_jobs_do_not_hear_each_other(channel: EventChannel) -> None:
    """A stream is one job's."""
    _publish(channel, Kind.RUNNING, job_id="other")

    assert _kinds(channel) == []


def test_the_last_value_is_the_latest_event(channel: EventChannel) -> None:
    """A glance costs one GET; before anything happened there is nothing."""
    assert channel.last("job") is None

    *_, latest = _publish(channel, Kind.RUNNING, Kind.PROGRESS)

    last = channel.last("job")
    assert last is not None
    assert last.kind is latest.kind


def test_both_live_for_a_day(channel: EventChannel, redis: Redis) -> None:
    """Redis forgets what nobody asks for any more."""
    _publish(channel, Kind.RUNNING)

    assert all(0 < redis.ttl(key) <= 86400 for key in (events_key("job"), progress_key("job")))


def test_a_talkative_job_is_bounded(channel: EventChannel, redis: Redis) -> None:
    """The stream keeps about the latest thousand events."""
    event = JobEvent.now(Kind.PROGRESS, "job")
    with redis.pipeline(transaction=False) as pipe:
        for _ in range(2500):
            channel.add_to(pipe, event)
        pipe.execute()

    assert 1000 <= redis.xlen(events_key("job")) < 1200


def test_the_wire_form() -> None:
    """Names are camelCase, the time is UTC in milliseconds, as docs/wire.md shows."""
    paris = timezone(timedelta(hours=1))
    event = JobEvent(
        kind=Kind.FAILED,
        job_id="job",
        at=datetime(2026, 1, 31, 13, 0, 0, 123_456, tzinfo=paris),
        attempt=2,
        error=JobError.of(Code.POISON, "three attempts"),
    )

    assert json.loads(event.model_dump_json()) == {
        "kind": "failed",
        "jobId": "job",
        "at": "2026-01-31T12:00:00.123Z",
        "attempt": 2,
        "fraction": None,
        "message": "",
        "error": {
            "code": "poison",
            "remedy": "call_us",
            "message": "three attempts",
            "fields": [],
        },
    }


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_fraction_is_a_share(fraction: float) -> None:
    """Nobody hears of less than nothing done, or of more than all."""
    with pytest.raises(ValidationError):
        JobEvent.now(Kind.PROGRESS, "job", fraction=fraction)
