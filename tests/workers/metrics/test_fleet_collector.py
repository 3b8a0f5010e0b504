"""Housekeeping says how the fleet stands, and says so too when a store is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from queues.attendance import sign_in
from queues.dead_letters import DeadLetters
from queues.ledger import Ledger
from queues.message import TaskMessage
from queues.names import PARKED_KEY, UNACKED_KEY, Priority, queue_key
from queues.redis_connection import connect
from tests.workers.metrics.conftest import Samples
from workers.delivery import submission_of
from workers.metrics.fleet_collector import FleetCollector
from workers.resources import Resources

Read = Callable[[str], Samples]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def watched(resources: Resources, registry: CollectorRegistry) -> Resources:
    registry.register(FleetCollector(resources.redis, resources.ledger))
    return resources


def _message(**fields: Any) -> TaskMessage:
    ordinary = {"task": "fleet.echo", "job_id": str(uuid4()), "queue": "cpu", "request": {}}
    return TaskMessage(**ordinary | fields)


def test_an_idle_fleet_is_all_zeros(watched: Resources, samples: Read) -> None:
    """Every queue and priority is there, so that an alert has something to compare."""
    assert set(samples("riskfleet_queue_depth").values()) == {0}
    assert set(samples("riskfleet_queue_oldest_seconds").values()) == {0}
    assert len(samples("riskfleet_queue_depth")) == 4 * 3
    assert samples("riskfleet_workers").keys() == {("cpu",), ("gpu",), ("etl",), ("security",)}
    assert samples("riskfleet_outbox_rows") == {(): 0}
    assert samples("riskfleet_redis_up") == samples("riskfleet_postgres_up") == {(): 1}


def test_what_waits_is_counted_where_it_waits(watched: Resources, samples: Read) -> None:
    """Messages on a list and tickets put aside count; Celery's own lowest priority is low."""
    watched.redis.lpush(queue_key("etl", 3), "a")
    watched.redis.lpush(queue_key("etl", 6), "b")
    watched.redis.lpush(queue_key("etl", 9), "c", "d")
    watched.redis.hset(PARKED_KEY, mapping={queue_key("etl", 0): 5, queue_key("cpu", 0): "?"})
    watched.redis.hset(UNACKED_KEY, "tag", "e")

    depth = {key: n for key, n in samples("riskfleet_queue_depth").items() if n}
    assert depth == {("high", "etl"): 1, ("normal", "etl"): 5, ("low", "etl"): 3}
    assert samples("riskfleet_messages_in_hand") == {(): 1}


def test_the_oldest_job_is_the_one_that_could_run_longest(
    watched: Resources, samples: Read
) -> None:
    """A job that may not run yet does not wait; one that runs does not either."""
    now = datetime.now(UTC)
    submissions = [
        submission_of(_message(sent_at=now - 10 * MINUTE)),
        submission_of(_message(sent_at=now - 20 * MINUTE)),
        submission_of(_message(priority=Priority.LOW, not_before=now + MINUTE)),
        submission_of(_message(priority=Priority.HIGH)),
    ]
    watched.ledger.register(submissions)
    with psycopg.connect(
        watched.ledger.engine.url.set(drivername="postgresql").render_as_string(False)
    ) as connection:
        for minutes, submission in zip((10, 20, 30, 40), submissions, strict=True):
            connection.execute(
                "UPDATE riskfleet.job SET accepted_at = %s WHERE id = %s",
                (now - minutes * MINUTE, submission.id),
            )
    watched.ledger.claim(submissions[3], worker="cpu@here", lease=-MINUTE, versions="1")

    oldest = {key: n for key, n in samples("riskfleet_queue_oldest_seconds").items() if n}
    assert oldest.keys() == {("normal", "cpu")}
    assert 1200 <= oldest["normal", "cpu"] < 1260
    jobs = {key: n for key, n in samples("riskfleet_jobs").items() if n}
    assert jobs == {("cpu", "accepted"): 3, ("cpu", "running"): 1}
    assert samples("riskfleet_leases_overdue")["cpu",] == 1


def test_the_outbox_is_looked_at(watched: Resources, samples: Read, shared_database: str) -> None:
    """Rows that no relay has taken, and the age of the oldest."""
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO riskfleet.outbox (id, task, request, enqueued_at)
            SELECT gen_random_uuid(), 'fleet.echo', '{}', now() - n * interval '1 minute'
            FROM generate_series(1, 3) n"""
        )
        try:
            rows, oldest = (
                samples("riskfleet_outbox_rows"),
                samples("riskfleet_outbox_oldest_seconds"),
            )
        finally:
            connection.execute("TRUNCATE riskfleet.outbox")

    assert rows == {(): 3}
    assert 180 <= oldest[()] < 240


def test_workers_and_dead_letters_are_counted(watched: Resources, samples: Read) -> None:
    """A worker that signed in is there; a message put aside is a letter."""
    sign_in(watched.redis, name="cpu-1@here", queue="cpu", slots=4, busy=1)
    DeadLetters(watched.redis).add(
        b"?", list_key="cpu", reason="x", detail="", at=datetime.now(UTC)
    )

    assert samples("riskfleet_workers")["cpu",] == 1
    assert samples("riskfleet_dead_letters") == {(): 1}


def test_a_redis_that_is_away_is_said(
    registry: CollectorRegistry, resources: Resources, samples: Read
) -> None:
    """The scrape succeeds, with the ledger's part and without what Redis alone knows."""
    nowhere = connect("redis://127.0.0.1:1/0", patience_seconds=1)
    registry.register(FleetCollector(nowhere, resources.ledger))

    assert samples("riskfleet_redis_up") == {(): 0}
    assert samples("riskfleet_queue_depth") == {}
    assert samples("riskfleet_postgres_up") == {(): 1}
    assert len(samples("riskfleet_jobs")) == 8


@pytest.mark.parametrize("database", ["nowhere", "not_migrated"])
def test_a_ledger_that_is_away_is_said(
    registry: CollectorRegistry,
    resources: Resources,
    samples: Read,
    shared_database: str,
    database: str,
) -> None:
    """Also one without its tables: it is as good as away."""
    url = {
        "nowhere": "postgresql://nobody@127.0.0.1:1/none",
        "not_migrated": shared_database.replace(
            shared_database.rpartition("/")[2].partition("?")[0], "postgres", 1
        ),
    }[database]
    ledger = Ledger(url)
    registry.register(FleetCollector(resources.redis, ledger))

    assert samples("riskfleet_postgres_up") == {(): 0}
    assert samples("riskfleet_jobs") == {}
    assert samples("riskfleet_redis_up") == {(): 1}
