"""What Redis lost is sent again, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from queues.fair_order import TICKET, send
from queues.ledger import Claimed, State, Submission
from queues.message import TaskMessage
from queues.names import Priority, Queue, lane_key, queue_key
from workers.delivery import submission_of
from workers.housekeeping.presence import jobs_with_a_message
from workers.housekeeping.reconciler import message_of, reconcile
from workers.resources import Resources

MINUTE = timedelta(minutes=1)
ENDED = timedelta(hours=-1)
NOON = datetime(2099, 1, 31, 12, tzinfo=UTC)


def _message(**fields: Any) -> TaskMessage:
    ordinary = {"task": "fleet.echo", "job_id": str(uuid4()), "queue": "cpu", "request": {"n": 1}}
    return TaskMessage(**ordinary | fields)


def _accepted(resources: Resources, **fields: Any) -> TaskMessage:
    """A job that the ledger has and Redis has not."""
    message = _message(**fields)
    resources.ledger.register([submission_of(message)])
    return message


def _claim(resources: Resources, message: TaskMessage, lease: timedelta = MINUTE) -> Claimed:
    claimed = resources.ledger.claim(
        submission_of(message), worker="cpu@lost", lease=lease, versions="riskfleet 1"
    )
    assert isinstance(claimed, Claimed)
    return claimed


def _reconcile_later(resources: Resources) -> dict[str, int]:
    """Reconcile an hour after all that has happened so far."""
    with resources.ledger.engine.begin() as connection:
        connection.execute(
            text("UPDATE riskfleet.job SET updated_at = updated_at - interval '1 hour'")
        )
    return reconcile(resources, older_than=MINUTE)


def _sent(resources: Resources, message: TaskMessage) -> list[TaskMessage]:
    """What waits in the lane of the job's tenant, with a ticket for each."""
    sent = resources.redis.lrange(lane_key(message.list_key, message.tenant), 0, -1)
    assert resources.redis.lrange(message.list_key, 0, -1) == [TICKET] * len(sent)
    return [
        TaskMessage.from_wire(raw, queue=message.queue, priority=message.priority) for raw in sent
    ]


@pytest.mark.parametrize("priority", Priority)
def test_a_lost_message_is_sent_again(resources: Resources, priority: Priority) -> None:
    """It is the message that was sent, but for its tag, on the same list."""
    message = _accepted(
        resources,
        priority=priority,
        tenant="acme",
        not_before=None,
        deadline=NOON,
        schema_hash="0123456789abcdef",
        traceparent="00-a-b-01",
        tracestate="vendor=1",
        origin="backend",
        sent_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        expected={"message": "mine"},
    )

    assert _reconcile_later(resources) == {"unclaimed": 1}

    [again] = _sent(resources, message)
    assert again.delivery_tag != message.delivery_tag
    assert replace(again, delivery_tag=message.delivery_tag, request_bytes=0, lineage={}) == message


@pytest.mark.parametrize("step", [0, 3, 6, 9])
def test_a_job_in_its_queue_is_not_sent(resources: Resources, step: int) -> None:
    """A long queue is no loss."""
    message = _accepted(resources)
    resources.redis.lpush(queue_key("cpu", step), message.to_wire())

    assert _reconcile_later(resources) == {}


@pytest.mark.parametrize("queue", Queue)
def test_every_queue_is_looked_at(resources: Resources, queue: Queue) -> None:
    """A job may lie on any of the fleet's lists."""
    message = _accepted(resources, queue=queue.value)
    resources.redis.lpush(queue.value, message.to_wire())

    assert _reconcile_later(resources) == {}


@pytest.mark.parametrize("queue", Queue)
@pytest.mark.parametrize("priority", Priority)
def test_a_job_in_a_lane_is_not_sent(
    resources: Resources, queue: Queue, priority: Priority
) -> None:
    """A job that waits for its tenant's turn is no loss either."""
    message = _accepted(resources, queue=queue.value, priority=priority, tenant="acme")
    send(resources.redis, message)

    assert _reconcile_later(resources) == {}


def test_a_job_in_hand_is_not_sent(resources: Resources) -> None:
    """A worker that has taken the message and waits to run it has it."""
    message = _accepted(resources)
    unacked = json.dumps([message.to_frame(), "", "cpu"])
    resources.redis.hset("unacked", message.delivery_tag, unacked)

    assert _reconcile_later(resources) == {}


def test_a_lost_worker_loses_no_job(resources: Resources) -> None:
    """When a lease has ended and no message is left, the job goes out for another attempt."""
    message = _message()
    _claim(resources, message, ENDED)

    assert _reconcile_later(resources) == {"lease_ended": 1}
    assert len(_sent(resources, message)) == 1


def test_a_running_job_is_left_alone(resources: Resources) -> None:
    """As long as its lease is renewed, nobody sends it."""
    message = _message()
    _claim(resources, message)

    assert _reconcile_later(resources) == {}


def test_a_young_job_is_left_alone(resources: Resources) -> None:
    """Silence counts from a moment on, not at once."""
    _accepted(resources)

    assert reconcile(resources, older_than=MINUTE) == {}


def test_a_job_for_later_is_left_alone(resources: Resources) -> None:
    """It is not late before it may begin."""
    _accepted(resources, not_before=NOON)

    assert _reconcile_later(resources) == {}


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_a_finished_job_is_left_alone(resources: Resources, state: State) -> None:
    """What has ended stays ended."""
    message = _message()
    claimed = _claim(resources, message)
    resources.ledger.finish(UUID(message.job_id), claimed.fence, state)

    assert _reconcile_later(resources) == {}


def test_it_is_sent_once(resources: Resources) -> None:
    """Run again at once, or by two at a time, it finds its own message."""
    message = _accepted(resources)

    _reconcile_later(resources)

    assert _reconcile_later(resources) == {}
    assert len(_sent(resources, message)) == 1


def test_more_than_a_batch_is_sent_once_each(resources: Resources) -> None:
    """However many were lost, each is sent, and the end is reached."""
    lost = [_message() for _ in range(502)]
    resources.ledger.register([submission_of(message) for message in lost])

    assert _reconcile_later(resources) == {"unclaimed": 502}

    sent = [message.job_id for message in _sent(resources, lost[0])]
    assert sorted(sent) == sorted(message.job_id for message in lost)


def test_sending_again_is_on_record(resources: Resources) -> None:
    """The history of a job says so."""
    message = _accepted(resources)

    _reconcile_later(resources)

    kinds = [event.kind for event in resources.ledger.events(UUID(message.job_id))]
    assert kinds == ["accepted", "resent"]


def _split(resources: Resources) -> tuple[TaskMessage, TaskMessage]:
    """A job that was split, and its one shard."""
    whole, part = _message(), _message(task="fleet.echo.shard")
    claimed = _claim(resources, whole)
    shard = replace(submission_of(part), parent_id=UUID(whole.job_id))
    assert resources.ledger.delegate(UUID(whole.job_id), claimed.fence, [shard])
    return whole, part


def test_silent_shards_are_given_up(resources: Resources) -> None:
    """A split job of which nothing is heard starts anew; its old shards are cancelled."""
    whole, part = _split(resources)

    assert _reconcile_later(resources) == {"shards_silent": 1}

    row, shard = (resources.ledger.get(UUID(each.job_id)) for each in (whole, part))
    assert row is not None
    assert shard is not None
    assert (row.state, shard.state) == (State.ACCEPTED, State.CANCELLED)
    assert [message.job_id for message in _sent(resources, whole)] == [whole.job_id]


def test_a_split_job_whose_shards_wait_is_left_alone(resources: Resources) -> None:
    """Shards in a long queue are no loss: their messages are there."""
    whole, part = _split(resources)
    resources.redis.lpush(part.list_key, part.to_wire())

    assert _reconcile_later(resources) == {}

    row = resources.ledger.get(UUID(whole.job_id))
    assert row is not None
    assert row.state is State.RUNNING


def test_nothing_is_mistaken_for_a_message_of_a_job(resources: Resources) -> None:
    """Ids in a request, in other headers, or in what nobody can read, are not the job's."""
    job_id = str(uuid4())
    plain = _message(request={"id": job_id, "text": f'"id": "{job_id}"'})
    as_text = plain.to_frame()
    as_text["body"] = json.dumps([[], {"request": {"id": job_id}}, {}])
    as_text["properties"]["body_encoding"] = None
    as_text["headers"] |= {"root_id": job_id, "parent_id": job_id, "group": job_id}
    for raw in (plain.to_wire(), json.dumps(as_text), "no message", b"\xff", f"id {job_id}", ""):
        resources.redis.lpush("cpu", raw)

    assert job_id not in jobs_with_a_message(resources.redis, ["cpu"])
    assert plain.job_id in jobs_with_a_message(resources.redis, ["cpu"])


def test_long_queues_are_read_to_their_end(resources: Resources) -> None:
    """However many wait, each is seen."""
    waiting = [_message() for _ in range(1203)]
    resources.redis.lpush("cpu", *(message.to_wire() for message in waiting))

    present = jobs_with_a_message(resources.redis, ["cpu", "gpu"])

    assert present == {message.job_id for message in waiting}


def test_large_messages_are_not_read_all_at_once(resources: Resources) -> None:
    """While a script copies them Redis serves nobody: little, therefore, at each time."""
    redis = resources.redis
    large = [_message(request={"text": "x" * 300_000}) for _ in range(20)]
    redis.lpush("cpu", *(message.to_wire() for message in large))
    redis.hset("unacked", mapping={f"tag {n}": _message().to_wire() for n in range(20)})
    redis.config_resetstat()

    present = jobs_with_a_message(redis, ["cpu"])

    stats = redis.info("commandstats")
    size_bytes = sum(len(message.to_wire()) for message in large)
    assert stats["cmdstat_lrange"]["calls"] >= size_bytes >> 20
    assert "cmdstat_hvals" not in stats
    assert {message.job_id for message in large} < present
    assert len(present) == 40


@given(
    request=st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False)),
    priority=st.sampled_from(Priority),
    deadline=st.none() | st.just(NOON),
)
def test_the_ledger_keeps_what_a_message_needs(
    request: dict[str, float], priority: Priority, deadline: datetime | None
) -> None:
    """From a message to the ledger and back is the same submission."""
    sent: Submission = submission_of(
        _message(request=request, priority=priority, deadline=deadline, tracestate="a=1")
    )

    assert submission_of(message_of(sent)) == sent
