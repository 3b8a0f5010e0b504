"""Redis and Postgres go away, come back, or come back empty: no job is lost, none runs twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from queues.ledger import State, migrate
from tests.fleet import FleetUnderTest, eventually
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

BRIEF_OUTAGE_SECONDS = 2
POSTGRES_AWAY_SECONDS = 20


def test_redis_restart_with_jobs_running(fleet: FleetUnderTest) -> None:
    """Redis is killed and started again: the same worker processes finish their jobs, once each."""
    workers = [fleet.start(), fleet.start()]
    processes = [child.pid for worker in workers for child in worker.children()]
    running = [fleet.submit({"message": str(n), "sleepSeconds": 5}) for n in range(4)]
    waiting = [fleet.submit({"message": str(n)}) for n in range(20)]
    for job_id in running:
        fleet.running(job_id)

    fleet.redis_server.kill()
    time.sleep(BRIEF_OUTAGE_SECONDS)
    fleet.redis_server.start()

    for job_id in running + waiting:
        assert fleet.ended(job_id).state is State.SUCCEEDED
        assert fleet.stored(job_id)["status"] == "SUCCESS"
    assert {fleet.ended(job_id).attempt for job_id in running} == {1}
    assert [child.pid for worker in workers for child in worker.children()] == processes
    eventually(fleet.is_quiet)


def test_redis_wiped(fleet: FleetUnderTest) -> None:
    """Redis loses everything: accepted jobs are sent again, running ones are not disturbed."""
    fleet.start("housekeeping")
    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    running = fleet.submit({"message": "running", "sleepSeconds": 4})
    fleet.running(running)
    waiting = [fleet.submit({"message": str(n)}) for n in range(20)]
    eventually(lambda: all(fleet.job(job_id) for job_id in waiting))

    fleet.redis.flushall()

    def sent_again() -> bool:
        fleet.beat_once("fleet.reconcile")
        return all(fleet.job(job_id).state.is_final for job_id in waiting)

    eventually(sent_again)
    assert {fleet.ended(job_id).state for job_id in waiting} == {State.SUCCEEDED}
    assert (fleet.ended(running).state, fleet.ended(running).attempt) == (State.SUCCEEDED, 1)
    assert all(fleet.kinds(job_id).count("succeeded") == 1 for job_id in [running, *waiting])
    eventually(fleet.is_quiet)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A Postgres that may be stopped."""
    with EmbeddedPostgres(tmp_path / "postgres") as server:
        migrate.upgrade(server.url)
        yield server


def test_postgres_away(
    tmp_path: Path, redis_server: EmbeddedRedis, own_postgres: EmbeddedPostgres
) -> None:
    """Postgres is away for twenty seconds: jobs wait for it, none is lost, none runs twice."""
    with FleetUnderTest(tmp_path, redis_server, own_postgres.url) as fleet:
        worker = fleet.start()
        ending = fleet.submit({"message": "ends meanwhile", "sleepSeconds": 3})
        fleet.running(ending)

        own_postgres.stop()
        sent = [fleet.submit({"message": str(n)}) for n in range(10)]
        time.sleep(POSTGRES_AWAY_SECONDS)
        own_postgres.start()

        jobs = [fleet.ended(job_id) for job_id in [ending, *sent]]
        assert {job.state for job in jobs} == {State.SUCCEEDED}
        assert jobs[0].attempt == 1
        assert all(fleet.kinds(str(job.id)).count("running") == 1 for job in jobs)
        assert worker.is_alive
        eventually(fleet.is_quiet)
