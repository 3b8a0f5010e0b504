"""A delivery becomes the same submission, whichever way it comes in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from celery.app.task import Context

from queues.ledger import Submission
from queues.message import TaskMessage
from queues.names import Priority
from queues.request_hash import Unhashable, request_hash
from workers.delivery import Delivery, submission_of

JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10"
PARENT_ID = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
REQUEST = {"message": "é \u0000", "numbers": [1, 0.1, None]}
MESSAGE = TaskMessage(
    task="fleet.echo",
    job_id=JOB_ID,
    queue="cpu",
    request=REQUEST,
    tenant="acme",
    priority=Priority.HIGH,
    deadline=NOON,
    schema_hash="0123456789abcdef",
    traceparent="00-a-b-01",
)


def _delivered(message: TaskMessage) -> Delivery:
    """The delivery of a message, through a context as Celery makes it."""
    frame = message.to_frame()
    properties = frame["properties"]
    delivery_info = properties["delivery_info"] | {"priority": properties["priority"]}
    context = Context(frame["headers"], delivery_info=delivery_info)
    return Delivery.delivered(context, task=message.task, request=message.request)


def _job(**fields: Any) -> Delivery:
    ordinary = {"id": JOB_ID, "task": "fleet.echo", "queue": "cpu", "request": {}, "headers": {}}
    return Delivery(**ordinary | fields)


def test_a_delivery_is_recorded_as_it_was_sent() -> None:
    """The ledger gets the sender's words and the trace, and the hash that the sender made."""
    assert _delivered(MESSAGE).submission() == Submission(
        id=UUID(JOB_ID),
        task="fleet.echo",
        tenant="acme",
        queue="cpu",
        priority="high",
        request=json.dumps(REQUEST),
        request_hash=request_hash(task="fleet.echo", tenant="acme", request=REQUEST),
        headers={"traceparent": "00-a-b-01", "schema_hash": "0123456789abcdef"},
        deadline=NOON,
    )


def test_taken_from_redis_it_is_the_same() -> None:
    """Whether a worker or the registrar comes first, the ledger has one job."""
    assert submission_of(MESSAGE) == _delivered(MESSAGE).submission()


def test_the_registrar_knows_when_a_job_may_begin() -> None:
    """A job for later is not stale before."""
    later = TaskMessage(task="t", job_id=JOB_ID, queue="cpu", request={}, not_before=NOON)

    assert submission_of(later).not_before == NOON


def test_little_is_needed() -> None:
    """What a plain Celery client leaves out has its default."""
    plain = TaskMessage(task="t", job_id=JOB_ID, queue="cpu", request={})

    job = _delivered(plain)

    assert (job.tenant, job.priority, job.deadline, job.headers) == (
        "default",
        Priority.NORMAL,
        None,
        {},
    )
    assert (job.parent_id, job.shard, job.fence, job.soft_limit_seconds) == (None, None, None, None)


@pytest.mark.parametrize(
    ("step", "priority"), [(3, Priority.HIGH), (0, Priority.NORMAL), (9, Priority.LOW)]
)
def test_a_step_is_a_priority(step: int, priority: Priority) -> None:
    """Celery's number says which list the message came from."""
    context = Context(id=JOB_ID, delivery_info={"routing_key": "cpu", "priority": step})

    assert Delivery.delivered(context, task="t", request={}).priority is priority


def test_a_shorter_limit_is_kept() -> None:
    """A sender's soft limit reaches the run; the hard one is Celery's."""
    hurried = TaskMessage(
        task="t", job_id=JOB_ID, queue="cpu", hard_limit_seconds=9, soft_limit_seconds=4
    )

    assert _delivered(hurried).soft_limit_seconds == 4


def test_a_shard_knows_its_place() -> None:
    """Its number, how many there are, and the job that people watch."""
    lineage = {"parent_job": PARENT_ID, "shard": 0, "shards": 8}
    shard = TaskMessage(task="t", job_id=JOB_ID, queue="cpu", request={}, lineage=lineage)

    job = _delivered(shard)

    assert (job.shard, job.watched_id) == ((0, 8), PARENT_ID)
    assert job.submission().parent_id == UUID(PARENT_ID)


def test_a_merge_knows_its_fence() -> None:
    """It continues the attempt that split the job."""
    merge = TaskMessage(task="t", job_id=JOB_ID, queue="cpu", request={}, lineage={"fence": 3})

    assert (_delivered(merge).fence, _delivered(merge).watched_id) == (3, JOB_ID)


@pytest.mark.parametrize("request_", ["\ud800", {"a": 10**400}])
def test_what_has_no_hash_is_no_submission(request_: Any) -> None:
    """It says so before the ledger is asked."""
    with pytest.raises(Unhashable):
        _job(request=request_).submission()


def test_nan_is_no_request() -> None:
    """No reader of the ledger would understand it."""
    with pytest.raises(ValueError, match="JSON"):
        _job(request={"rate": float("nan")}).submission()
