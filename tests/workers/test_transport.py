"""A message is in a lane, on a list or in a worker's hands, and its slot is free when it leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Consumer, Producer
from kombu import Queue as KombuQueue
from kombu.transport.virtual import Message
from redis import Redis

from queues.dead_letters import DeadLetters
from queues.fair_order import TICKET, enqueuing, send
from queues.message import TaskMessage
from queues.names import MAX_RUNNING_KEY, Queue, lane_key, slots_key
from tasks.catalogue import by_name
from workers.embedded.redis import EmbeddedRedis
from workers.intake import Intake
from workers.transport import FleetChannel, FleetTransport

INTAKE = Intake(
    upkeep=frozenset(),
    catalogue=by_name(),
    own_tasks={},
    max_message_bytes=1 << 20,
    queues=frozenset(Queue),
)
LANE = lane_key("cpu", "acme")


class Worker:
    """What a worker's main process does with messages, without its event loop."""

    def __init__(self, url: str) -> None:
        self._connection = Connection(
            url, transport=FleetTransport, transport_options={"intake": INTAKE}
        )
        self.channel: FleetChannel = self._connection.channel()
        self.messages: list[Message] = []
        queue = KombuQueue("cpu", exchange="", routing_key="cpu", channel=self.channel)
        self._consumer = Consumer(
            self.channel, [queue], on_message=self.messages.append, auto_declare=False
        )
        self._consumer.consume()

    def take(self) -> Message:
        """Wait for a message."""
        before = len(self.messages)
        while len(self.messages) == before:
            self._connection.drain_events(timeout=5)
        return self.messages[-1]

    def finds_nothing(self) -> bool:
        """Whether a moment passes without a message."""
        try:
            self._connection.drain_events(timeout=0.1)
        except TimeoutError:
            return True
        return False

    def publish(self, headers: dict[str, Any]) -> None:
        """Send as Celery does."""
        Producer(self.channel).publish({}, routing_key="cpu", headers=headers)

    def close(self) -> None:
        self.channel.qos._delivered.clear()  # its messages are the test's to look at
        self._connection.release()


@pytest.fixture
def redis(shared_redis: EmbeddedRedis) -> Iterator[Redis]:
    with Redis.from_url(shared_redis.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def worker(shared_redis: EmbeddedRedis, redis: Redis) -> Iterator[Callable[[], Worker]]:
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(shared_redis.url))
        return started[-1]

    yield start
    for each in started:
        each.close()


def _message(**fields: Any) -> TaskMessage:
    ordinary = {"task": "fleet.echo", "job_id": str(uuid4()), "queue": "cpu", "request": {}}
    return TaskMessage(**ordinary | {"tenant": "acme"} | fields)


def _is_quiet(redis: Redis) -> bool:
    """Whether nothing is in hand and no slot is taken."""
    return not redis.exists("unacked", "unacked_index", slots_key("acme"))


def test_a_ticket_is_exchanged_for_a_message(redis: Redis, worker: Callable[[], Worker]) -> None:
    """It is in hand under a tag of ours, which is its slot's too, until it is acknowledged."""
    sent = _message()
    send(redis, sent)

    taken = worker().take()

    tag = str(taken.delivery_tag).encode()
    assert taken.headers["id"] == sent.job_id
    assert taken.delivery_tag != sent.delivery_tag
    assert redis.zrange(slots_key("acme"), 0, -1) == [tag] == redis.hkeys("unacked")
    taken.ack()
    assert _is_quiet(redis)


def test_a_rejected_message_frees_its_slot(redis: Redis, worker: Callable[[], Worker]) -> None:
    """Whether it is dropped or goes back to the end of its lane."""
    first, second = _message(), _message()
    send(redis, first)
    send(redis, second)
    us = worker()

    us.take().reject(requeue=True)
    us.take().reject()

    assert [message.headers["id"] for message in us.messages] == [first.job_id, second.job_id]
    assert _is_quiet(redis)
    assert us.take().headers["id"] == first.job_id


def test_what_a_dead_worker_had_goes_next(redis: Redis, worker: Callable[[], Worker]) -> None:
    """Another one puts it back in front of its lane, and frees the slot that it had."""
    redis.hset(MAX_RUNNING_KEY, "acme", 1)
    first, second = _message(), _message()
    send(redis, first)
    send(redis, second)
    dead, alive = worker(), worker()
    taken = dead.take()
    assert alive.finds_nothing()

    alive.channel.qos.restore_by_tag(str(taken.delivery_tag).encode())

    assert _is_quiet(redis)
    again = alive.take()
    assert again.headers["id"] == first.job_id
    again.ack()
    assert alive.take().headers["id"] == second.job_id


def test_a_host_whose_clock_is_ahead_takes_nothing_from_others(
    redis: Redis, worker: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is in hand was renewed just now by the clock of Redis, in turn or not."""
    in_turn, as_it_is = _message(), _message()
    send(redis, in_turn)
    redis.lpush("cpu", as_it_is.to_wire())
    us, ahead = worker(), worker()
    us.take()
    us.take()
    monkeypatch.setattr("kombu.transport.redis.time", lambda: time.time() + 3600)

    ahead.channel.qos.restore_visible()

    assert redis.hlen("unacked") == redis.zcard("unacked_index") == 2
    assert redis.zcard(slots_key("acme")) == 1


def test_a_clock_that_is_behind_loses_nothing_to_others(
    redis: Redis, worker: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is as fresh as it is, whatever the clock of the host that took it says."""
    redis.lpush("cpu", _message().to_wire())
    monkeypatch.setattr("kombu.transport.redis.time", lambda: time.time() - 3600)
    worker().take()
    monkeypatch.undo()

    worker().channel.qos.restore_visible()

    assert redis.hlen("unacked") == 1


def test_what_was_not_renewed_is_put_back_in_its_order(
    redis: Redis, worker: Callable[[], Worker]
) -> None:
    """Whatever else lies there: garbage among the dead hands keeps nobody from the others."""
    sent = [_message() for _ in range(3)]
    for message in sent:
        send(redis, message)
    dead, alive = worker(), worker()
    for age, message in zip((9, 8, 7), [dead.take() for _ in sent], strict=True):
        redis.zadd("unacked_index", {str(message.delivery_tag): time.time() - 3600 * age})
    garbage = ("[", "5", '[{}, "", [1]]', '[{"headers": {"tenant": "acme"}}, 5, "cpu"]')
    for number, kept in enumerate(garbage):
        redis.hset("unacked", f"garbage {number}", kept)
        redis.zadd("unacked_index", {f"garbage {number}": number})

    alive.channel.qos.restore_visible()

    assert _is_quiet(redis)
    taken = [alive.take().headers["id"] for _ in sent]
    assert taken == [message.job_id for message in sent]


@pytest.mark.parametrize("key", [LANE, slots_key("acme")])
def test_a_key_of_another_type_ends_no_worker(
    redis: Redis, worker: Callable[[], Worker], key: str
) -> None:
    """Its tickets are spent for nothing; once it is put right, all goes on."""
    us, before, after = worker(), _message(), _message()
    send(redis, before)
    redis.set(key, "a stranger's")
    assert us.finds_nothing()

    redis.delete(key)
    send(redis, after)

    assert us.take().headers["id"] in {before.job_id, after.job_id}


def test_a_message_for_later_waits_in_turn_once_due(
    redis: Redis, worker: Callable[[], Worker]
) -> None:
    """It goes to the front of its lane, as if sent when it was due, and is in nobody's hands."""
    later, now = _message(not_before=datetime.now(UTC) + timedelta(hours=1)), _message()
    send(redis, later)
    send(redis, now)
    us = worker()
    held = us.take()
    assert held.headers["eta"] is not None

    us.channel.qos.let_wait_in_turn(str(held.delivery_tag))

    assert _is_quiet(redis)
    due = us.take()
    assert (due.headers["id"], due.headers["eta"]) == (later.job_id, None)
    assert due.headers["sent_at"] == held.headers["eta"]


def test_an_unreadable_message_in_a_lane_is_put_aside(
    redis: Redis, worker: Callable[[], Worker]
) -> None:
    """It has no slot afterwards, and the next is served."""
    redis.eval(*enqueuing("hello", list_key="cpu", tenant="acme"))
    after = _message()
    send(redis, after)

    taken = worker().take()

    [letter] = DeadLetters(redis).newest()
    assert (letter.reason, letter.raw, letter.list_key) == ("not_json", b"hello", "cpu")
    assert taken.headers["id"] == after.job_id
    taken.ack()
    assert _is_quiet(redis)


@pytest.mark.parametrize("raw", [b"hello", b"\xff", b"[" * 100_000, b'[],"",""', b"{} {}", b"7"])
def test_an_unreadable_message_in_dead_hands_is_put_aside(
    redis: Redis, worker: Callable[[], Worker], raw: bytes
) -> None:
    """Its worker died before it had read it; nobody else falls over it."""
    redis.hset("unacked", "tag", b"[" + raw + b',"","cpu"]')
    redis.zadd("unacked_index", {"tag": 1})

    worker().channel.qos.restore_by_tag(b"tag")

    assert _is_quiet(redis)
    assert DeadLetters(redis).count() == 1


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"tenant": "acme"}, True),
        ({"tenant": "acme", "eta": None}, True),
        ({"tenant": "acme", "eta": "2099-01-31T12:00:00+00:00"}, False),
        ({"tenant": None}, False),
        ({}, False),
    ],
)
def test_what_celery_sends_waits_in_turn(
    redis: Redis, worker: Callable[[], Worker], headers: dict[str, Any], waits: bool
) -> None:
    """If it is a tenant's, and for now."""
    worker().publish(headers)

    assert redis.llen(LANE) == int(waits)
    [pushed] = redis.lrange("cpu", 0, -1)
    assert (pushed == TICKET.encode()) is waits
    kept = redis.lindex(LANE, 0) if waits else pushed
    assert json.loads(kept)["headers"] == headers


def test_a_full_message_is_served_as_it_is(redis: Redis, worker: Callable[[], Worker]) -> None:
    """Whoever pushes it needs to know nothing of turns, and it takes no slot."""
    redis.hset(MAX_RUNNING_KEY, "acme", 1)
    messages = [_message() for _ in range(2)]
    redis.lpush("cpu", *(message.to_wire() for message in messages))
    us = worker()

    taken = [us.take() for _ in messages]

    assert [each.headers["id"] for each in taken] == [message.job_id for message in messages]
    assert redis.exists(slots_key("acme")) == 0
    for each in taken:
        each.ack()
    assert _is_quiet(redis)
