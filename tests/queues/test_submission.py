"""A job is sent once, whoever asks and however often, and is kept until the ledger has it."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from queues.events import EventChannel, Kind
from queues.fair_order import TICKET, send
from queues.message import TaskMessage
from queues.names import (
    MAX_WAITING_KEY,
    SUBMITTED_KEY,
    Priority,
    Queue,
    lane_key,
    queue_keys,
    ring_key,
    submission_key,
)
from queues.request_hash import request_hash
from queues.submission import SubmissionRegistry, Submitted

SOON = timedelta(minutes=1)


@pytest.fixture
def registry(redis: Redis) -> SubmissionRegistry:
    return SubmissionRegistry(redis)


def _message(**fields: Any) -> TaskMessage:
    ordinary = {"task": "fleet.echo", "job_id": str(uuid4()), "queue": "cpu", "request": {"n": 1}}
    return TaskMessage(**ordinary | fields)


def _waiting(registry: SubmissionRegistry, limit: int = 100) -> list[str]:
    waiting = registry.waiting(sent_before=datetime.now(UTC) + SOON, limit=limit)
    return [job_id for job_id, _, _ in waiting]


@pytest.mark.parametrize("priority", Priority)
def test_a_job_is_sent_and_announced(
    registry: SubmissionRegistry, redis: Redis, priority: Priority
) -> None:
    """Its message waits for its tenant's turn, and who watches hears that it was accepted."""
    message = _message(priority=priority)

    answer = registry.submit(message)

    [sent] = redis.lrange(lane_key(message.list_key, message.tenant), 0, -1)
    [(_, event)] = _events(redis, message.job_id)
    assert answer is Submitted.CREATED
    assert redis.lrange(message.list_key, 0, -1) == [TICKET]
    assert TaskMessage.from_wire(sent, queue="cpu", priority=priority).job_id == message.job_id
    assert (event.kind, event.job_id) == (Kind.ACCEPTED, message.job_id)


def test_sent_twice_it_is_one_job(registry: SubmissionRegistry, redis: Redis) -> None:
    """A second submission of the same request sends nothing, though its message differs."""
    message = _message()
    registry.submit(message)

    again = registry.submit(_message(job_id=message.job_id, request={"n": 1.0}, origin="other"))

    assert again is Submitted.KNOWN
    assert redis.llen("cpu") == 1
    assert len(_events(redis, message.job_id)) == 1


@pytest.mark.parametrize(
    "other", [{"request": {"n": 2}}, {"tenant": "other"}, {"task": "fleet.other"}]
)
def test_an_id_belongs_to_one_request(
    registry: SubmissionRegistry, redis: Redis, other: dict[str, Any]
) -> None:
    """Another request, tenant or task under a used id is a conflict, and sends nothing."""
    message = _message()
    registry.submit(message)

    answer = registry.submit(_message(**{"job_id": message.job_id} | other))

    assert answer is Submitted.CONFLICT
    assert redis.llen("cpu") == 1


def test_a_crowd_with_one_id_makes_one_job(registry: SubmissionRegistry, redis: Redis) -> None:
    """Of twenty who submit at once, one creates the job and the others learn that it is known."""
    job_id, start = str(uuid4()), Barrier(20)

    def submit(_: int) -> Submitted:
        message = _message(job_id=job_id)
        start.wait()
        return registry.submit(message)

    with ThreadPoolExecutor(20) as crowd:
        answers = Counter(crowd.map(submit, range(20)))

    assert answers == {Submitted.CREATED: 1, Submitted.KNOWN: 19}
    assert redis.llen("cpu") == 1


def test_a_job_waits_until_it_is_forgotten(registry: SubmissionRegistry, redis: Redis) -> None:
    """A worker that takes the message and dies loses nothing: the registry has it still."""
    message = _message(priority=Priority.HIGH)
    registry.submit(message)
    taken = redis.rpop(lane_key(message.list_key, message.tenant))

    before = registry.waiting(sent_before=datetime.now(UTC) + SOON, limit=10)
    registry.forget([message.job_id])

    assert before == [(message.job_id, message.list_key, taken)]
    assert _waiting(registry) == []
    assert registry.submit(message) is Submitted.KNOWN


def test_the_oldest_wait_in_front(registry: SubmissionRegistry, redis: Redis) -> None:
    """They are given in the order in which they were sent, a few at a time."""
    ids = [str(uuid4()) for _ in range(5)]
    for job_id in ids:
        registry.submit(_message(job_id=job_id))
    redis.zadd(SUBMITTED_KEY, {job_id: 1000 + place for place, job_id in enumerate(ids)})

    assert _waiting(registry, limit=3) == ids[:3]
    assert _waiting(registry) == ids


def test_the_young_are_left_alone(registry: SubmissionRegistry) -> None:
    """What was sent after a moment is not given: its worker may be at it."""
    registry.submit(_message())

    assert registry.waiting(sent_before=datetime.now(UTC) - SOON, limit=10) == []


def test_a_claimed_job_leaves_on_the_way(registry: SubmissionRegistry, redis: Redis) -> None:
    """A job whose message is gone is not waiting, and is not looked at again."""
    kept, taken = _message(), _message()
    registry.submit(kept)
    registry.submit(taken)
    redis.hdel(submission_key(taken.job_id), "message")

    assert _waiting(registry) == [kept.job_id]
    assert redis.zrange(SUBMITTED_KEY, 0, -1) == [kept.job_id]


def test_nothing_is_kept_for_ever(registry: SubmissionRegistry, redis: Redis) -> None:
    """The memory of an id ends after a week, also once its message is forgotten."""
    message = _message()
    registry.submit(message)

    registry.forget([message.job_id])
    registry.forget([])

    assert 0 < redis.ttl(submission_key(message.job_id)) <= 604800
    assert set(redis.hkeys(submission_key(message.job_id))) == {"request_hash", "queue"}


def test_a_job_for_later_is_held_by_a_worker(registry: SubmissionRegistry, redis: Redis) -> None:
    """It lies on the list itself: until its time has come it waits for no turn."""
    message = _message(not_before=datetime.now(UTC) + SOON)

    registry.submit(message)

    assert redis.lrange("cpu", 0, -1) == [message.to_wire()]
    assert redis.exists(ring_key("cpu")) == 0


def test_sending_again_waits_as_submitting_does(registry: SubmissionRegistry, redis: Redis) -> None:
    """Both ways into a lane leave the same behind."""
    kinds = []
    for put in (registry.submit, lambda message: send(redis, message)):
        redis.flushall()
        for tenant in ("ann", "bob", "ann"):
            put(_message(tenant=tenant))
        lengths = {tenant: redis.llen(lane_key("cpu", tenant)) for tenant in ("ann", "bob")}
        ring = redis.zrange(ring_key("cpu"), 0, -1, withscores=True)
        kinds.append((lengths, ring, redis.lrange("cpu", 0, -1)))

    assert kinds[0] == kinds[1]
    assert kinds[0][0] == {"ann": 2, "bob": 1}
    assert [tenant for tenant, _ in kinds[0][1]] == ["ann", "bob"]


def test_a_tenant_may_have_so_many_waiting(registry: SubmissionRegistry, redis: Redis) -> None:
    """One more is refused and leaves nothing behind; who was accepted stays known."""
    redis.hset(MAX_WAITING_KEY, mapping={"*": 1, "ann": 2, "bob": 0})
    first, second, third = (_message(tenant="ann") for _ in range(3))

    answers = [registry.submit(message) for message in (first, second, third, first)]

    assert answers == ["created", "created", "quota", "known"]
    assert redis.llen("cpu") == 2
    assert redis.exists(submission_key(third.job_id)) == 0
    assert [registry.submit(_message(tenant="bob")) for _ in range(4)] == ["created"] * 4
    assert [registry.submit(_message(tenant="cyd")) for _ in range(2)] == ["created", "quota"]


def test_a_job_for_later_has_to_fit_too(registry: SubmissionRegistry, redis: Redis) -> None:
    """A delay is no way around a quota that is used up."""
    redis.hset(MAX_WAITING_KEY, "ann", 1)
    registry.submit(_message(tenant="ann"))

    answer = registry.submit(_message(tenant="ann", not_before=datetime.now(UTC) + SOON))

    assert answer is Submitted.OVER_QUOTA


@pytest.mark.parametrize("list_key", [key for queue in Queue for key in queue_keys(queue)])
def test_every_lane_counts(registry: SubmissionRegistry, redis: Redis, list_key: str) -> None:
    """What waits on any queue with any priority is counted."""
    redis.hset(MAX_WAITING_KEY, "ann", 1)
    redis.lpush(lane_key(list_key, "ann"), "a message")

    assert registry.submit(_message(tenant="ann")) is Submitted.OVER_QUOTA


def test_room_is_what_a_quota_leaves(registry: SubmissionRegistry, redis: Redis) -> None:
    """As many as it says are taken, wherever the tenant's others wait; none is below nothing."""
    redis.hset(MAX_WAITING_KEY, mapping={"*": 2, "ann": 4, "bob": 0})
    for queue, priority in (("cpu", Priority.LOW), ("gpu", Priority.HIGH)):
        registry.submit(_message(tenant="ann", queue=queue, priority=priority))
    for _ in range(3):
        send(redis, _message(tenant="cyd"))

    assert registry.room(["ann", "bob", "cyd", "dan"]) == {"ann": 2, "cyd": 0, "dan": 2}
    assert registry.room([]) == {}


def test_without_quotas_there_is_room(registry: SubmissionRegistry) -> None:
    """Nobody is counted who may have as many as he likes."""
    assert registry.room(["ann", "bob"]) == {}


def test_many_are_sent_in_their_order(registry: SubmissionRegistry, redis: Redis) -> None:
    """Each has the answer that it would have had alone."""
    first, second = _message(), _message()
    other = _message(job_id=first.job_id, request={"n": 2})

    answers = registry.submit_many([first, second, first, other])

    sent = [
        json.loads(raw)["headers"]["id"] for raw in redis.lrange(lane_key("cpu", "default"), 0, -1)
    ]
    digest = request_hash(task=first.task, tenant=first.tenant, request=first.request)
    assert answers == ["created", "created", "known", "conflict"]
    assert sent[::-1] == [first.job_id, second.job_id]
    assert registry.request_hashes([first.job_id, str(uuid4())]) == [digest, None]


def test_what_was_taken_leaves_room(registry: SubmissionRegistry, redis: Redis) -> None:
    """Once a worker has one of its jobs, a tenant may submit another; as the same job."""
    redis.hset(MAX_WAITING_KEY, "ann", 1)
    registry.submit(_message(tenant="ann"))
    refused = _message(tenant="ann")
    registry.submit(refused)

    redis.rpop(lane_key("cpu", "ann"))

    assert registry.submit(refused) is Submitted.CREATED


def _events(redis: Redis, job_id: str) -> list[Any]:
    patience = timedelta(milliseconds=1)
    events = []
    for position, event in EventChannel(redis).follow(job_id, patience=patience):
        if event is None:
            break
        events.append((position, event))
    return events
