"""What a backend committed is sent, once in effect, whatever it wrote and whatever else goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import RedisError

from queues.dead_letters import DeadLetter, DeadLetters
from queues.events import EventChannel, Kind
from queues.fair_order import TICKET
from queues.ledger import Ledger, State
from queues.message import TaskMessage
from queues.names import MAX_WAITING_KEY, SUBMITTED_KEY, Priority, lane_key, queue_key
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry, Submitted
from tests.enqueue import enqueue, enqueued
from tests.fleet import eventually
from workers.embedded.redis import EmbeddedRedis
from workers.housekeeping.reconciler import reconcile
from workers.housekeeping.relay import relay_enqueued
from workers.resources import Resources

NOON = datetime(2099, 1, 31, 12, tzinfo=UTC)

Connection = psycopg.Connection[Any]
Relay = Callable[[], int]


@pytest.fixture
def backend(resources: Resources, shared_database: str) -> Iterator[Connection]:
    """A connection that commits each statement."""
    with psycopg.connect(shared_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def relay(resources: Resources) -> Relay:
    """Relay what there is, and give how many rows left the outbox."""
    outbox = resources.ledger.open_outbox()
    return lambda: relay_enqueued(resources, outbox)


def _sent(resources: Resources, *, tenant: str = "default", list_key: str = "cpu") -> list[UUID]:
    """The ids of a tenant's messages, in the order in which they will be taken."""
    lane = resources.redis.lrange(lane_key(list_key, tenant), 0, -1)
    return [UUID(json.loads(raw)["headers"]["id"]) for raw in reversed(lane)]


def _letters(shared_redis: EmbeddedRedis) -> list[DeadLetter]:
    with Redis.from_url(shared_redis.url) as redis:
        return DeadLetters(redis).newest()


def test_a_committed_job_is_sent(resources: Resources, backend: Connection, relay: Relay) -> None:
    """It is in the ledger, its message is on its way, and its watchers hear of it."""
    job_id = enqueue(backend)

    assert relay() == 1

    job = resources.ledger.get(job_id)
    [entry] = resources.redis.xrange(f"riskfleet:events:{job_id}")
    assert job is not None
    assert job.state is State.ACCEPTED
    assert _sent(resources) == [job_id]
    assert resources.redis.lrange("cpu", 0, -1) == [TICKET]
    assert json.loads(entry[1]["event"])["kind"] == Kind.ACCEPTED
    assert enqueued(backend) == []
    assert resources.redis.zcard(SUBMITTED_KEY) == 0


def test_nothing_is_sent_before_the_commit(
    resources: Resources, shared_database: str, relay: Relay
) -> None:
    """While the transaction is open, and for ever if it is rolled back, nobody hears of the job."""
    with psycopg.connect(shared_database) as transaction:
        enqueue(transaction)
        assert relay() == 0
        transaction.rollback()

    assert relay() == 0
    assert resources.ledger.jobs() == []
    assert resources.redis.keys("*") == []


@pytest.mark.parametrize("priority", Priority)
def test_a_message_says_what_the_row_said(
    resources: Resources, backend: Connection, relay: Relay, priority: Priority
) -> None:
    """Nothing of what a backend may write is lost on the way, in Redis or in the ledger."""
    columns = {
        "tenant": "acme",
        "schema_hash": "0123456789abcdef",
        "traceparent": "00-1-2-01",
        "tracestate": "vendor=1",
        "origin": "shop",
    }
    request, expected = {"message": "\u0000 ü 😀"}, {"message": "mine"}
    job_id = enqueue(
        backend,
        **columns,
        priority=priority.value,
        request=json.dumps(request),
        expected=json.dumps(expected),
        deadline=NOON,
    )

    relay()

    list_key = queue_key("cpu", priority.step)
    [raw] = resources.redis.lrange(lane_key(list_key, "acme"), 0, -1)
    message = TaskMessage.from_wire(raw, queue="cpu", priority=priority)
    job = resources.ledger.get(job_id)
    assert message.sent_at is not None
    assert job is not None
    assert columns == {name: getattr(message, name) for name in columns}
    assert (message.request, message.expected, message.deadline) == (request, expected, NOON)
    assert abs(datetime.now(UTC) - message.sent_at) < timedelta(minutes=1)
    assert (job.tenant, job.priority, job.deadline) == ("acme", priority, NOON)
    assert job.headers == {name: columns[name] for name in columns if name != "tenant"}
    assert job.accepted_at == message.sent_at
    assert (json.loads(job.request), json.loads(job.expected or "")) == (request, expected)


def test_a_job_for_later_waits(resources: Resources, backend: Connection, relay: Relay) -> None:
    """Its message says when, and a worker holds it until then."""
    job_id = enqueue(backend, not_before=NOON)

    relay()

    [raw] = resources.redis.lrange("cpu", 0, -1)
    message = TaskMessage.from_wire(raw, queue="cpu", priority=Priority.NORMAL)
    assert (UUID(message.job_id), message.not_before) == (job_id, NOON)


def test_the_first_in_is_the_first_out(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """A tenant's jobs are sent in the order in which they were committed."""
    written = [(tenant, enqueue(backend, tenant=tenant)) for tenant in ["ann", "bob"] * 300]

    assert relay() == len(written)

    for tenant in ("ann", "bob"):
        mine = [job_id for whose, job_id in written if whose == tenant]
        assert _sent(resources, tenant=tenant) == mine


def test_a_task_that_nobody_knows_is_sent(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """A worker refuses it, so that whoever waits for it hears why."""
    job_id = enqueue(backend, task="prism.tell_fortune")

    relay()

    assert _sent(resources) == [job_id]


def _in_one_go(backend: Connection, relay: Relay, job_id: UUID, request: str) -> None:
    enqueue(backend, id=job_id, request='{"n": 1}')
    enqueue(backend, id=job_id, request=request)


def _one_after_the_other(backend: Connection, relay: Relay, job_id: UUID, request: str) -> None:
    enqueue(backend, id=job_id, request='{"n": 1}')
    relay()
    enqueue(backend, id=job_id, request=request)


REPEATS = pytest.mark.parametrize("repeat", [_in_one_go, _one_after_the_other])


@REPEATS
def test_enqueued_twice_it_is_one_job(
    resources: Resources, backend: Connection, relay: Relay, repeat: Callable[..., None]
) -> None:
    """The same request under the same id, however it is written, is sent once."""
    job_id = uuid4()
    repeat(backend, relay, job_id, '{"n":1.0}')
    relay()

    assert _sent(resources) == [job_id]
    assert len(resources.ledger.events(job_id)) == 1
    assert enqueued(backend) == []
    assert resources.redis.xlen("riskfleet:dead-letters") == 0


@REPEATS
def test_an_id_of_another_request_is_put_aside(
    resources: Resources,
    shared_redis: EmbeddedRedis,
    backend: Connection,
    relay: Relay,
    repeat: Callable[..., None],
) -> None:
    """The first request keeps the id; the other is a dead letter, whole, and in nobody's way."""
    job_id = uuid4()
    repeat(backend, relay, job_id, '{"n": 2}')
    after = enqueue(backend)

    relay()

    [letter] = _letters(shared_redis)
    message = TaskMessage.from_wire(letter.raw, queue="cpu", priority=Priority.NORMAL)
    job = resources.ledger.get(job_id)
    assert job is not None
    assert json.loads(job.request) == {"n": 1}
    assert (letter.reason, letter.list_key, letter.is_whole) == ("id_conflict", "cpu", True)
    assert (message.job_id, message.request) == (str(job_id), {"n": 2})
    assert _sent(resources) == [job_id, after]
    assert enqueued(backend) == []


@pytest.mark.parametrize(("request_text", "letters"), [('{"n": 1}', 0), ('{"n": 2}', 1)])
def test_what_was_submitted_past_the_outbox_is_known(
    resources: Resources, backend: Connection, relay: Relay, request_text: str, letters: int
) -> None:
    """A job that Redis has and the ledger not yet keeps its id, and is not sent a second time."""
    job_id = uuid4()
    message = TaskMessage(task="fleet.echo", job_id=str(job_id), queue="cpu", request={"n": 1})
    SubmissionRegistry(resources.redis).submit(message)
    enqueue(backend, id=job_id, request=request_text)

    assert relay() == 1

    assert _sent(resources) == [job_id]
    assert resources.redis.xlen("riskfleet:dead-letters") == letters


UNFIT: dict[str, dict[str, Any]] = {
    "half a surrogate pair": {"request": r'{"text": "\ud800"}'},
    "half of one in a name": {"request": r'{"\ud800": 1}'},
    "no double": {"request": '{"n": 1e400}'},
    "an endless integer": {"request": '{"n": ' + "9" * 5000 + "}"},
    "a deep request": {"request": '{"a":' * 100 + "1" + "}" * 100},
    "a very deep request": {"request": '{"a":' * 4000 + "1" + "}" * 4000},
    "a deep answer": {"expected": '{"a":' * 100 + "1" + "}" * 100},
    "no end": {"deadline": "infinity"},
    "no beginning": {"not_before": "-infinity"},
    "the far future": {"deadline": "20000-01-01"},
    "before Christ": {"not_before": "0044-03-15 BC"},
    "a part of a job": {"task": "prism.simulate_scenario.merge"},
    "a shard": {"task": "prism.simulate_scenario.shard"},
    "a refusal": {"task": "fleet.refuse"},
}


@pytest.mark.parametrize("columns", UNFIT.values(), ids=UNFIT)
def test_what_can_be_no_job_stops_nobody(
    resources: Resources,
    shared_redis: EmbeddedRedis,
    backend: Connection,
    relay: Relay,
    columns: dict[str, Any],
) -> None:
    """Postgres let it in: it becomes a dead letter, and those around it are sent."""
    before, unfit, after = enqueue(backend), enqueue(backend, **columns), enqueue(backend)

    assert relay() == 3

    [letter] = _letters(shared_redis)
    assert letter.reason in {"bad_frame", "bad_body", "too_deep"}
    assert str(unfit).encode() in letter.raw
    assert _sent(resources) == [before, after]
    assert resources.ledger.get(unfit) is None
    assert enqueued(backend) == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.none() | st.sampled_from(["infinity", "4713-01-01 BC", "294276-12-31", "2099-01-31"])
TEXTS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    request=st.dictionaries(st.text(), JSON, max_size=4),
    expected=st.none() | st.dictionaries(st.text(), JSON, max_size=2),
    moments=st.tuples(MOMENTS, MOMENTS),
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
)
@example(request={}, expected=None, moments=(None, None), texts=("\t", "\x7f", "\n", "'"))
def test_every_row_leaves(
    resources: Resources,
    backend: Connection,
    relay: Relay,
    request: dict[str, Any],
    expected: dict[str, Any] | None,
    moments: tuple[str | None, str | None],
    texts: tuple[str | None, str | None, str | None, str | None],
) -> None:
    """Whatever Postgres takes is sent or put aside; nothing blocks the outbox."""
    not_before, deadline = moments
    schema_hash, traceparent, tracestate, origin = texts
    job_id = enqueue(
        backend,
        request=json.dumps(request),
        expected=None if expected is None else json.dumps(expected),
        not_before=not_before,
        deadline=deadline,
        schema_hash=schema_hash,
        traceparent=traceparent,
        tracestate=tracestate,
        origin=origin,
    )
    letters = resources.redis.xlen("riskfleet:dead-letters")

    assert relay() == 1

    was_put_aside = resources.redis.xlen("riskfleet:dead-letters") - letters
    was_registered = resources.ledger.get(job_id) is not None
    assert was_put_aside + was_registered == 1


def test_who_has_enough_waiting_waits_in_the_outbox(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """A tenant at its quota is not refused: its rows stay, in order, and all others pass them."""
    resources.redis.hset(MAX_WAITING_KEY, mapping={"ann": 2, "*": 0})
    backend.execute(
        "INSERT INTO riskfleet.outbox (id, task, tenant, request)"
        " SELECT gen_random_uuid(), 'fleet.echo', 'ann', '{}' FROM generate_series(1, 1200)"
    )
    ann = enqueued(backend)
    bob = [enqueue(backend, tenant="bob") for _ in range(4)]

    assert relay() == 6
    assert relay() == 0

    assert _sent(resources, tenant="ann") == ann[:2]
    assert _sent(resources, tenant="bob") == bob
    assert enqueued(backend) == ann[2:]


def test_who_has_room_again_goes_on(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """Where a job was taken the next one follows."""
    resources.redis.hset(MAX_WAITING_KEY, "*", 1)
    first, second, third = (enqueue(backend) for _ in range(3))
    relay()
    resources.redis.rpop(lane_key("cpu", "default"))

    assert relay() == 1

    assert _sent(resources) == [second]
    assert enqueued(backend) == [third]
    assert resources.ledger.get(first) is not None


class RelayAtCommit:
    """A relay that has looked at Redis and is held at the ledger, until it is let go."""

    def __init__(self, relay: Relay, holder: Connection, job_id: UUID) -> None:
        self._holder = holder
        # Whoever registers the same job waits to see what becomes of this row.
        holder.execute(
            "INSERT INTO riskfleet.job (id, task, tenant, queue, priority, state, attempt, fence,"
            " request, request_hash, headers, accepted_at, updated_at) VALUES (%s, 't', 't', 'cpu',"
            " 'normal', 'accepted', 0, 0, '{}', '', '{}', now(), now())",
            [job_id],
        )
        self._thread = Thread(target=relay, daemon=True)
        self._thread.start()
        eventually(self._is_held)

    def let_go(self) -> None:
        self._holder.rollback()
        eventually(lambda: not self._thread.is_alive())

    def _is_held(self) -> bool:
        waiting = self._holder.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return waiting.fetchone() == (1,)


def test_a_quota_that_fills_meanwhile_refuses_nothing(
    resources: Resources, backend: Connection, relay: Relay, shared_database: str
) -> None:
    """What was registered is sent, though others took the room in that moment."""
    resources.redis.hset(MAX_WAITING_KEY, "*", 1)
    job_id, other = enqueue(backend), uuid4()
    with psycopg.connect(shared_database) as holder:
        held = RelayAtCommit(relay, holder, job_id)
        message = TaskMessage(task="fleet.echo", job_id=str(other), queue="cpu", request={})
        assert SubmissionRegistry(resources.redis).submit(message) is Submitted.CREATED
        held.let_go()

    assert _sent(resources) == [other, job_id]
    assert resources.ledger.get(job_id) is not None


def test_an_id_that_is_taken_meanwhile_is_the_ledgers(
    resources: Resources, backend: Connection, relay: Relay, shared_database: str
) -> None:
    """Redis takes another request under the id in that moment: the ledger's is sent in the end."""
    job_id = enqueue(backend, request='{"n": 1}')
    with psycopg.connect(shared_database) as holder:
        held = RelayAtCommit(relay, holder, job_id)
        other = TaskMessage(task="fleet.echo", job_id=str(job_id), queue="cpu", request={"n": 2})
        assert SubmissionRegistry(resources.redis).submit(other) is Submitted.CREATED
        held.let_go()
    resources.redis.delete("cpu", lane_key("cpu", "default"))  # a worker has put it aside

    assert reconcile(resources, older_than=timedelta(0)) == {"unclaimed": 1}

    [raw] = resources.redis.lrange(lane_key("cpu", "default"), 0, -1)
    assert TaskMessage.from_wire(raw, queue="cpu", priority=Priority.NORMAL).request == {"n": 1}


def test_two_relays_share_the_work(
    resources: Resources, backend: Connection, shared_database: str, shared_redis: EmbeddedRedis
) -> None:
    """Each row is taken by one of them: every job is sent once."""
    backend.execute(
        "INSERT INTO riskfleet.outbox (id, task, request)"
        " SELECT gen_random_uuid(), 'fleet.echo', '{}' FROM generate_series(1, 2000)"
    )
    written = enqueued(backend)

    both = Barrier(2)

    def run(_: int) -> int:
        ledger, redis = Ledger(shared_database), connect(shared_redis.url)
        mine = replace(resources, ledger=ledger, redis=redis, events=EventChannel(redis))
        try:
            both.wait()
            return relay_enqueued(mine, ledger.open_outbox())
        finally:
            ledger.close()

    with ThreadPoolExecutor(2) as pool:
        shares = list(pool.map(run, range(2)))

    assert sum(shares) == 2000
    assert min(shares) > 0
    assert sorted(_sent(resources)) == sorted(written)
    assert enqueued(backend) == []


def test_while_redis_is_away_rows_stay(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """They are sent as soon as it is back, and not one of them before it is in the ledger."""
    job_id = enqueue(backend)
    nowhere = connect("redis://127.0.0.1:1")
    away = replace(resources, redis=nowhere, events=EventChannel(nowhere))

    with pytest.raises(RedisError):
        relay_enqueued(away, resources.ledger.open_outbox())

    assert enqueued(backend) == [job_id]
    assert resources.ledger.get(job_id) is None
    assert relay() == 1
    assert _sent(resources) == [job_id]


def test_redis_wiped_after_the_relay(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """The ledger has the job, so the reconciler sends it again."""
    job_id = enqueue(backend, origin="shop", tenant="acme")
    relay()
    resources.redis.flushall()

    assert reconcile(resources, older_than=timedelta(0)) == {"unclaimed": 1}
    assert _sent(resources, tenant="acme") == [job_id]


def test_a_large_outbox_is_taken_in_rounds(
    resources: Resources, backend: Connection, relay: Relay
) -> None:
    """Large requests are as many batches as memory asks for, and all of them go."""
    text = json.dumps({"message": "x" * (3 << 20)})
    written = [enqueue(backend, request=text) for _ in range(3)]

    assert relay() == 3
    assert _sent(resources) == written
