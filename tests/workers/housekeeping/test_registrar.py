"""Jobs that wait in Redis come into the ledger, and outlive Redis from then on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from queues.ledger import State
from queues.message import TaskMessage
from queues.names import SUBMITTED_KEY, Priority, queue_key, submission_key
from queues.submission import SubmissionRegistry
from workers.delivery import submission_of
from workers.housekeeping.registrar import register_waiting
from workers.resources import Resources

NOON = datetime(2099, 1, 31, 12, tzinfo=UTC)
_LATER = timedelta(minutes=1)


def _submit(resources: Resources, **fields: Any) -> TaskMessage:
    ordinary = {"task": "fleet.echo", "job_id": str(uuid4()), "queue": "cpu", "request": {"n": 1}}
    message = TaskMessage(**ordinary | fields)
    SubmissionRegistry(resources.redis).submit(message)
    return message


def _keep(resources: Resources, *, list_key: str, message: str | bytes) -> str:
    """Put into the registry what a careless client may have put there."""
    job_id = str(uuid4())
    resources.redis.hset(submission_key(job_id), mapping={"queue": list_key, "message": message})
    resources.redis.zadd(SUBMITTED_KEY, {job_id: 1})
    return job_id


def _register(resources: Resources) -> int:
    return register_waiting(resources, now=datetime.now(UTC) + _LATER)


@pytest.mark.parametrize("priority", Priority)
def test_a_waiting_job_is_recorded(resources: Resources, priority: Priority) -> None:
    """The ledger has all that is needed to send it again."""
    message = _submit(
        resources, priority=priority, tenant="acme", not_before=NOON, traceparent="00-a-b-01"
    )

    assert _register(resources) == 1

    row = resources.ledger.get(UUID(message.job_id))
    sent = submission_of(message)
    assert row is not None
    assert (row.state, row.attempt, row.not_before) == (State.ACCEPTED, 0, NOON)
    assert {
        name: getattr(row, name) for name in vars(sent) if name not in {"submitted_at", "parent_id"}
    } == {
        name: vars(sent)[name] for name in vars(sent) if name not in {"submitted_at", "parent_id"}
    }


def test_its_message_stays_where_it_is(resources: Resources) -> None:
    """Registered, it waits for a worker as before; only the registry's copy goes."""
    message = _submit(resources)

    _register(resources)

    assert resources.redis.llen("cpu") == 1
    assert resources.redis.zcard(SUBMITTED_KEY) == 0
    assert not resources.redis.hexists(submission_key(message.job_id), "message")


def test_garbage_hides_no_job(resources: Resources) -> None:
    """However much lies in front of it: bytes that are no id, and keys of another type."""
    redis = resources.redis
    for number in range(600):
        redis.zadd(SUBMITTED_KEY, {b"\xff" + number.to_bytes(2, "big"): 1})
    redis.set(submission_key("abc"), "no hash")
    redis.zadd(SUBMITTED_KEY, {"abc": 1})
    message = _submit(resources)

    _register(resources)
    _register(resources)

    assert resources.ledger.get(UUID(message.job_id)) is not None
    assert redis.zcard(SUBMITTED_KEY) == 0


def test_large_jobs_are_taken_a_few_at_once(resources: Resources) -> None:
    """Five hundred of the largest would be more than the process may hold."""
    for _ in range(5):
        _submit(resources, request={"text": "x" * (2 << 20)})
    _submit(resources, request={"text": "x" * (9 << 20)})

    assert [_register(resources) for _ in range(7)] == [2, 2, 1, 1, 0, 0, 0]


def test_a_young_job_is_left_to_its_worker(resources: Resources) -> None:
    """Most jobs are claimed at once: writing them twice would be work for nothing."""
    message = _submit(resources)

    assert register_waiting(resources, now=datetime.now(UTC)) == 0
    assert resources.ledger.get(UUID(message.job_id)) is None


def test_a_job_that_the_ledger_has_is_not_changed(resources: Resources) -> None:
    """A worker that was quicker keeps the job it claimed."""
    message = _submit(resources)
    resources.ledger.claim(
        submission_of(message), worker="cpu@here", lease=_LATER, versions="riskfleet 1"
    )

    assert _register(resources) == 1

    row = resources.ledger.get(UUID(message.job_id))
    assert row is not None
    assert (row.state, row.worker) == (State.RUNNING, "cpu@here")


def test_no_job_is_no_work(resources: Resources) -> None:
    """An idle fleet asks the ledger for nothing."""
    assert _register(resources) == 0


def test_many_are_taken_in_rounds(resources: Resources) -> None:
    """Five hundred at a time, so that none of the statements is long."""
    for number in range(501):
        _submit(resources, request={"n": number})

    assert [_register(resources) for _ in range(3)] == [500, 1, 0]
    assert len(resources.ledger.jobs(limit=1000)) == 501


def _wire(**headers: Any) -> str:
    message = TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", request={})
    frame = message.to_frame()
    frame["headers"] |= headers
    return json.dumps(frame)


@pytest.mark.parametrize(
    ("list_key", "message"),
    [
        ("cpu", "no message"),
        ("cpu", b"\xff\xfe"),
        ("cpu", _wire(id="no id")),
        ("cpu", _wire(eta="tomorrow")),
        (
            "cpu",
            TaskMessage(task="t", job_id=str(uuid4()), queue="cpu", request="\ud800").to_wire(),
        ),
        ("no such queue", _wire()),
        ("", _wire()),
        ("cpu\x06\x16", _wire()),
        ("cpu\x06\x16seven", _wire()),
        ("cpu\x06\x167", _wire()),
    ],
    ids=[
        *("no message", "binary", "no id", "no time", "no canonical form"),
        *("an unknown queue", "no queue", "no step", "a step in words", "an unknown step"),
    ],
)
def test_what_cannot_be_read_stops_nobody(
    resources: Resources, list_key: str, message: str | bytes
) -> None:
    """The registry was written by clients: one that errs keeps none of the others waiting."""
    _keep(resources, list_key=list_key, message=message)
    good = _submit(resources)

    assert _register(resources) == 2

    assert [str(job.id) for job in resources.ledger.jobs()] == [good.job_id]
    assert resources.redis.zcard(SUBMITTED_KEY) == 0


@pytest.mark.parametrize(
    "task", ["fleet.refuse", "prism.simulate_scenario.merge", "prism.simulate_scenario.shard"]
)
def test_a_part_of_a_job_is_no_job(resources: Resources, task: str) -> None:
    """What nobody may ask for is not recorded: it would be sent again for ever."""
    message = _submit(resources, task=task)

    _register(resources)

    assert resources.ledger.get(UUID(message.job_id)) is None


def test_the_list_of_strangers_is_low(resources: Resources) -> None:
    """Step 9, where Celery's own lowest priority arrives, is served and counts as low."""
    message = TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", request={})
    _keep(resources, list_key=queue_key("cpu", 9), message=message.to_wire())

    _register(resources)

    [job] = resources.ledger.jobs()
    assert (str(job.id), job.queue, job.priority) == (message.job_id, "cpu", "low")
