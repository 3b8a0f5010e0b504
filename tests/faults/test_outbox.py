"""What a backend committed is done, and what it did not is not, whatever breaks in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from queues.artifacts import open_store
from queues.ledger import State, migrate
from queues.names import lane_key
from tests.enqueue import enqueue, enqueued
from tests.fleet import FleetUnderTest, WorkerProcess, eventually
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis
from workers.housekeeping.reconciler import reconcile
from workers.housekeeping.relay import relay_enqueued
from workers.resources import Resources

_RELAY = """
from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import read
from config.redis import RedisSettings
from workers.housekeeping.relay import relay_enqueued
from workers.resources import open_resources

resources = open_resources(*read(RedisSettings, DatabaseSettings, ArtifactSettings))
relay_enqueued(resources, resources.ledger.open_outbox())
"""


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A Postgres that may be stopped."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        migrate.upgrade(server.url)
        yield server


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, own_postgres: EmbeddedPostgres
) -> Iterator[FleetUnderTest]:
    """A running fleet whose services come and go."""
    folder = tmp_path_factory.mktemp("fleet")
    with (
        EmbeddedRedis(folder / "redis") as redis,
        FleetUnderTest(folder, redis, own_postgres.url) as fleet,
    ):
        fleet.start()
        fleet.start("housekeeping")
        yield fleet


def test_enqueued_while_redis_is_away(running: FleetUnderTest) -> None:
    """The backend notices nothing; the job is done, once, when Redis is back."""
    running.redis_server.kill()
    with psycopg.connect(running.database_url) as transaction:
        job_id = enqueue(transaction)
    running.redis_server.start()

    assert running.ended(str(job_id)).state is State.SUCCEEDED
    assert running.stored(str(job_id))["status"] == "SUCCESS"
    assert running.kinds(str(job_id)) == ["accepted", "running", "succeeded"]


def test_enqueued_while_postgres_goes_away(
    running: FleetUnderTest, own_postgres: EmbeddedPostgres
) -> None:
    """The transaction fails and nothing is queued; the relay goes on when Postgres is back."""
    transaction = psycopg.connect(running.database_url)
    lost = enqueue(transaction)
    own_postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        transaction.commit()
    own_postgres.start()
    with psycopg.connect(running.database_url) as transaction:
        job_id = enqueue(transaction)

    assert running.ended(str(job_id)).state is State.SUCCEEDED
    assert running.job(str(lost)) is None
    assert all(worker.is_alive for worker in running.workers)


def test_a_task_that_nobody_knows(running: FleetUnderTest) -> None:
    """Whoever waits for its result is told."""
    with psycopg.connect(running.database_url) as transaction:
        job_id = enqueue(transaction, task="prism.tell_fortune")

    job = running.ended(str(job_id))
    assert (job.state, job.reason) == (State.FAILED, "unknown_task")
    assert running.stored(str(job_id))["status"] == "FAILURE"


def test_a_relay_that_is_killed_before_it_sends(fleet: FleetUnderTest, tmp_path: Path) -> None:
    """The ledger has the job and Redis has not: the reconciler sends it, and nobody else."""
    with psycopg.connect(fleet.database_url) as transaction:
        job_id = enqueue(transaction)
    fleet.redis.client_pause(60_000, all=False)  # what only reads is answered
    services = {"REDIS_URL": fleet.redis_server.url, "DATABASE_URL": fleet.database_url}
    relay = WorkerProcess(_RELAY, "relay", os.environ | services, tmp_path / "relay.log")
    eventually(lambda: fleet.job(str(job_id)))
    relay.kill()
    fleet.redis.client_unpause()
    resources = Resources(
        redis=fleet.redis,
        events=fleet.events,
        ledger=fleet.ledger,
        artifacts=open_store(str(tmp_path / "artifacts")),
    )

    assert fleet.redis.keys("*") == []
    assert relay_enqueued(resources, fleet.ledger.open_outbox()) == 0
    assert reconcile(resources, older_than=timedelta(0)) == {"unclaimed": 1}
    assert fleet.redis.llen(lane_key("cpu", "default")) == 1
    with psycopg.connect(fleet.database_url) as connection:
        assert enqueued(connection) == []
