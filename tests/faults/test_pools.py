"""Each pool runs jobs in its own shape, and in each a job can be watched, stopped and refused."""

from __future__ import annotations

import pytest

from queues.cancellation import request_cancellation
from queues.ledger import State
from tests.fleet import FleetUnderTest, error_of, eventually

POOLS = ["cpu", "gpu", "etl", "security"]


@pytest.mark.parametrize("pool", POOLS)
def test_pool(fleet: FleetUnderTest, pool: str) -> None:
    """A pool serves its queue: results, progress, cancellation, limits, a clean end."""
    worker = fleet.start(pool)
    echo = fleet.submit({"message": pool, "sleepSeconds": 0.3}, queue=pool)
    cancelled = fleet.submit({"sleepSeconds": 60}, queue=pool)

    assert fleet.stored(echo)["result"]["message"] == pool
    fleet.running(cancelled)
    request_cancellation(fleet.redis, cancelled)
    assert error_of(fleet.stored(cancelled))["code"] == "cancelled"
    limited = fleet.submit({"sleepSeconds": 60}, queue=pool, soft_limit_seconds=1)
    assert error_of(fleet.stored(limited))["code"] == "time_limit"
    events = [event.kind.value for _, event in fleet.events.follow(echo) if event]
    assert (events[0], events[1], events[-1]) == ("accepted", "running", "succeeded")
    assert "progress" in events
    eventually(fleet.is_quiet)
    assert worker.stop() == 0


def test_stopping_worker_gives_long_jobs_back(fleet: FleetUnderTest) -> None:
    """A worker told to stop waits a little, then gives its job back; that costs no attempt."""
    stopping = fleet.start()
    job_id = fleet.submit({"message": "resumed", "sleepSeconds": 6})
    fleet.running(job_id)

    stopping.stop()
    fleet.start()

    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 1)
    assert fleet.kinds(job_id).count("running") == 2
    eventually(fleet.is_quiet)


def test_stopping_worker_of_threads_waits_for_its_jobs(fleet: FleetUnderTest) -> None:
    """Nobody can end a thread: its process ends with its job, which has its result."""
    stopping = fleet.start("gpu")
    job_id = fleet.submit({"message": "done", "sleepSeconds": 5}, queue="gpu")
    fleet.running(job_id)

    assert stopping.stop() == 0

    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 1)
    assert fleet.kinds(job_id).count("running") == 1


def test_stopping_worker_finishes_its_jobs(fleet: FleetUnderTest) -> None:
    """A worker told to stop ends with its last job, which stays its own past the lease."""
    worker = fleet.start(RISKFLEET_SOFT_SHUTDOWN_SECONDS="600")
    job_id = fleet.submit({"message": "done", "sleepSeconds": 8})
    fleet.running(job_id)
    fleet.start()

    assert worker.stop() == 0

    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 1)
    assert fleet.kinds(job_id).count("running") == 1
    eventually(fleet.is_quiet)


@pytest.mark.parametrize("pool", ["cpu", "etl"])
def test_memory_limit_holds_in_every_child(fleet: FleetUnderTest, pool: str) -> None:
    """Forked or spawned, a child meets its memory limit, and the next job is served."""
    fleet.start(pool, **{f"RISKFLEET_{pool.upper()}_MEMORY_MIB": "512"})
    greedy = fleet.submit({"allocateMebibytes": 4096}, queue=pool)

    error = error_of(fleet.stored(greedy))

    assert (error["code"], error["remedy"]) == ("out_of_memory", "call_us")
    after = fleet.submit({"message": "next"}, queue=pool)
    assert fleet.stored(after)["result"]["message"] == "next"
