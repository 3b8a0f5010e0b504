"""What backends wrote is there for one relay at a time, and leaves with that one's transaction."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from queues.ledger import EnqueuedRow, Ledger, LedgerUnavailable, Outbox, State, Submission
from tests.enqueue import enqueue, enqueued
from tests.fleet import eventually

Connection = psycopg.Connection[Any]
MUCH = 1 << 30


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    return ledger.open_outbox()


@pytest.fixture
def backend(ledger: Ledger, database_url: str) -> Iterator[Connection]:
    """A connection that commits each statement, over an outbox that is empty."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def _ids(outbox: Outbox, *, rows: int = 100, size_bytes: int = MUCH, **options: Any) -> list[UUID]:
    with outbox.locked(rows=rows, size_bytes=size_bytes, **options) as batch:
        return [row.id for row in batch.rows]


def _submission(row: EnqueuedRow) -> Submission:
    return Submission(
        id=row.id,
        task=row.task,
        tenant=row.tenant,
        queue="cpu",
        priority=row.priority,
        request=row.request,
        request_hash="4b1d",
        headers={"origin": row.origin} if row.origin else {},
        submitted_at=datetime.fromisoformat(row.enqueued_at),
    )


def test_rows_come_in_the_order_in_which_they_were_written(
    outbox: Outbox, backend: Connection
) -> None:
    """The oldest first, and no more than were asked for."""
    written = [enqueue(backend) for _ in range(5)]

    assert _ids(outbox) == written
    assert _ids(outbox, rows=3) == written[:3]


def test_a_row_comes_as_it_was_written(outbox: Outbox, backend: Connection) -> None:
    """Documents keep their text, moments are ISO 8601, and what was left out has its default."""
    deadline = datetime(2099, 1, 31, 12, tzinfo=UTC)
    full: dict[str, Any] = {
        "id": uuid4(),
        "task": "prism.simulate_scenario",
        "tenant": "acme",
        "priority": "low",
        "request": '{ "b": 1.0, "a": "\\u0000" }',
        "expected": '{"mean":1}',
        "schema_hash": "0123456789abcdef",
        "traceparent": "00-1-2-01",
        "tracestate": "vendor=1",
        "origin": "shop",
    }
    enqueue(backend, **full, not_before=deadline, deadline=deadline)
    enqueue(backend)

    with outbox.locked(rows=2, size_bytes=MUCH) as batch:
        row, plain = batch.rows

    assert {name: getattr(row, name) for name in full} == full
    assert row.not_before is not None
    assert datetime.fromisoformat(row.not_before) == deadline
    assert row.deadline == row.not_before
    assert (plain.tenant, plain.priority, plain.expected, plain.deadline) == (
        *("default", "normal"),
        *(None, None),
    )
    assert datetime.now(UTC) - datetime.fromisoformat(plain.enqueued_at) < timedelta(minutes=1)


def test_what_one_relay_holds_another_passes_over(
    ledger: Ledger, outbox: Outbox, backend: Connection
) -> None:
    """Two relays never hold the same row, and neither waits for the other."""
    first, second, third = (enqueue(backend) for _ in range(3))

    with outbox.locked(rows=2, size_bytes=MUCH) as batch:
        assert [row.id for row in batch.rows] == [first, second]
        assert _ids(ledger.open_outbox()) == [third]


def test_tenants_can_be_passed_over(outbox: Outbox, backend: Connection) -> None:
    """A tenant whose rows must stay does not hide those of others."""
    enqueue(backend, tenant="full")
    free = enqueue(backend, tenant="free")

    assert _ids(outbox, rows=1, without=["full"]) == [free]


def test_a_batch_is_of_a_size_that_memory_holds(outbox: Outbox, backend: Connection) -> None:
    """It ends where it would grow too large; one row is always in it, however large."""
    text = json.dumps({"text": "x" * 1000})
    written = [enqueue(backend, request=text, expected=text) for _ in range(3)]

    assert _ids(outbox, size_bytes=1) == written[:1]
    assert _ids(outbox, size_bytes=3000) == written[:2]


def test_rows_become_jobs(ledger: Ledger, outbox: Outbox, backend: Connection) -> None:
    """The ledger says when the job was asked for, by whom, and on which way it came."""
    job_id = enqueue(backend, origin="shop")

    with outbox.locked(rows=1, size_bytes=MUCH) as batch:
        [row] = batch.rows
        new = batch.register({row.position: _submission(row)})
        batch.remove([row])

    job = ledger.get(job_id)
    [event] = ledger.events(job_id)
    assert new == {job_id}
    assert job is not None
    assert (job.state, job.accepted_at) == (
        State.ACCEPTED,
        datetime.fromisoformat(row.enqueued_at),
    )
    assert event.detail == {"origin": "shop", "via": "outbox", "enqueuedBy": "postgres"}
    assert enqueued(backend) == []


def test_a_job_that_the_ledger_has_is_not_new(
    ledger: Ledger, outbox: Outbox, backend: Connection
) -> None:
    """It is left as it is, its history too, and one learns what it was asked."""
    job_id = enqueue(backend)
    with outbox.locked(rows=1, size_bytes=MUCH) as batch:
        [row] = batch.rows
        ledger.register([_submission(row)])
        new = batch.register({row.position: _submission(row)})
        hashes = batch.request_hashes([job_id, uuid4()])

    assert (new, hashes) == (set(), {job_id: "4b1d"})
    assert len(ledger.events(job_id)) == 1


def test_whoever_fails_leaves_all_as_it_was(
    ledger: Ledger, outbox: Outbox, backend: Connection
) -> None:
    """Neither a job nor a gap: the rows are there for the next."""
    job_id = enqueue(backend)

    def fail() -> None:
        with outbox.locked(rows=1, size_bytes=MUCH) as batch:
            batch.register({row.position: _submission(row) for row in batch.rows})
            batch.remove(batch.rows)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        fail()

    assert ledger.get(job_id) is None
    assert _ids(outbox) == [job_id]


def test_a_commit_wakes_who_waits(outbox: Outbox, backend: Connection) -> None:
    """Nobody has to look for new rows all the time."""
    outbox.wait(0)
    waiting = threading.Thread(target=outbox.wait, args=[3600], daemon=True)
    waiting.start()

    enqueue(backend)

    eventually(lambda: not waiting.is_alive())


def test_waiting_ends(outbox: Outbox) -> None:
    """An announcement may be lost, so one looks from time to time."""
    outbox.wait(0)

    outbox.wait(0.01)


def test_a_lost_connection_is_made_again(outbox: Outbox, backend: Connection) -> None:
    """Postgres may restart: what was under way fails, what comes after does not."""
    job_id = enqueue(backend)
    outbox.wait(0)
    _ids(outbox)
    backend.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    with pytest.raises(LedgerUnavailable):
        outbox.wait(60)
    with pytest.raises(LedgerUnavailable):
        _ids(outbox)
    outbox.wait(0)
    assert _ids(outbox) == [job_id]


@pytest.mark.parametrize(
    "column",
    [
        {"task": "no task"},
        {"task": ""},
        {"tenant": "a:b"},
        {"priority": "urgent"},
        {"request": "[]"},
        {"request": '"text"'},
        {"expected": "1"},
        {"request": json.dumps({"text": "x" * (4 << 20)})},
    ],
    ids=lambda column: json.dumps(column)[:40],
)
def test_what_can_be_no_job_is_refused_where_it_is_written(
    backend: Connection, column: dict[str, str]
) -> None:
    """The backend's own transaction fails, in sight of who wrote it."""
    with pytest.raises(psycopg.errors.CheckViolation):
        enqueue(backend, **column)


def test_a_backend_needs_no_more_than_to_insert(
    outbox: Outbox, ledger: Ledger, backend: Connection, database_url: str
) -> None:
    """A login that may write the columns of a job, and nothing else, enqueues and is named."""
    job: dict[str, Any] = {
        **{"id": uuid4(), "task": "fleet.echo", "request": "{}", "expected": "{}"},
        **{"tenant": "acme", "priority": "high", "origin": "shop", "tracestate": "a=1"},
        **{"schema_hash": "0123456789abcdef", "traceparent": "00-1-2-01"},
        **{"not_before": datetime.now(UTC), "deadline": datetime.now(UTC)},
    }
    login = f"shop_{uuid4().hex}"
    backend.execute(
        f"CREATE ROLE {login} LOGIN PASSWORD 'secret';"
        f"GRANT USAGE ON SCHEMA riskfleet TO {login};"
        f"GRANT INSERT ({', '.join(job)}) ON riskfleet.outbox TO {login}".encode()
    )
    url = make_url(database_url).set(username=login, password="secret")

    with psycopg.connect(url.render_as_string(hide_password=False)) as shop:
        enqueue(shop, **job)

    with outbox.locked(rows=1, size_bytes=MUCH) as batch:
        batch.register({row.position: _submission(row) for row in batch.rows})
    [event] = ledger.events(job["id"])
    assert event.detail == {"origin": "shop", "via": "outbox", "enqueuedBy": login}
    backend.execute(f"DROP OWNED BY {login}; DROP ROLE {login}".encode())
