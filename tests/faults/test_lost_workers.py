"""Workers die, freeze and restart: every job has one result, and what is left goes on."""

from __future__ import annotations

import random
import time

import psutil

from queues.ledger import State
from tests.fleet import FleetUnderTest, WorkerProcess, error_of, eventually


def child_running_a_job(worker: WorkerProcess) -> psutil.Process:
    """The child whose processor time grows: the one that spins."""

    def look() -> psutil.Process | None:
        for child in worker.children():
            if child.cpu_percent(interval=0.2) > 50:
                return child
        return None

    return eventually(look)


def test_killed_child_costs_one_attempt(fleet: FleetUnderTest) -> None:
    """A job whose process is killed runs again, at once, and has one result."""
    worker = fleet.start()
    job_id = fleet.submit({"message": "kept", "spinSeconds": 3})
    fleet.running(job_id)

    child_running_a_job(worker).kill()

    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 2)
    assert fleet.stored(job_id)["result"]["message"] == "kept"
    assert fleet.kinds(job_id) == ["accepted", "running", "retrying", "running", "succeeded"]
    assert worker.is_alive
    eventually(fleet.is_quiet)


def test_killed_worker_loses_nothing(fleet: FleetUnderTest) -> None:
    """A job whose whole worker is killed is taken over by another when its lease has ended."""
    worker = fleet.start()
    job_id = fleet.submit({"message": "kept", "sleepSeconds": 3})
    fleet.running(job_id)

    worker.kill()
    fleet.start()

    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.SUCCEEDED, 2)
    assert fleet.stored(job_id)["result"]["message"] == "kept"
    eventually(fleet.is_quiet)


def test_frozen_worker_writes_nothing_when_it_thaws(fleet: FleetUnderTest) -> None:
    """A worker that sleeps past its lease finds its job done by another, and keeps quiet."""
    frozen = fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit({"message": "once", "sleepSeconds": 1.5})
    fleet.running(job_id)

    frozen.freeze()
    fleet.start()
    done = fleet.ended(job_id)
    frozen.thaw()

    eventually(lambda: "end_not_taken" in frozen.log.read_text())
    assert fleet.job(job_id) == done
    assert (done.state, done.attempt) == (State.SUCCEEDED, 2)
    assert fleet.kinds(job_id).count("succeeded") == 1
    eventually(fleet.is_quiet)


def test_poison_is_not_run_for_ever(fleet: FleetUnderTest) -> None:
    """A job that takes its process along three times fails as poison, and the worker lives."""
    worker = fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit({"spinSeconds": 60})

    for attempt in (1, 2, 3):
        fleet.running(job_id, attempt=attempt)
        child_running_a_job(worker).kill()

    error = error_of(fleet.stored(job_id))
    assert (error["code"], error["remedy"]) == ("poison", "call_us")
    assert fleet.ended(job_id).state is State.FAILED
    after = fleet.submit({"message": "still here"})
    assert fleet.stored(after)["result"]["message"] == "still here"


def test_long_job_runs_once(fleet: FleetUnderTest) -> None:
    """A job three times longer than the visibility timeout is run once: its lease is renewed."""
    fleet.start()
    fleet.start()
    job_id = fleet.submit({"sleepSeconds": 9})

    job = fleet.ended(job_id)

    assert (job.state, job.attempt) == (State.SUCCEEDED, 1)
    assert fleet.kinds(job_id) == ["accepted", "running", "succeeded"]


def test_random_kills_under_load(fleet: FleetUnderTest) -> None:
    """Ten kills of whole workers at random moments lose no job and run none to two results."""
    chance = random.Random(20)  # noqa: S311 - moments to kill at, not secrets
    workers = [fleet.start(), fleet.start()]
    fleet.start("housekeeping")
    jobs = [fleet.submit({"message": str(n), "sleepSeconds": 0.3}) for n in range(120)]

    for _ in range(10):
        time.sleep(chance.uniform(0.2, 1.0))
        victim = chance.choice(workers)
        victim.kill()
        workers[workers.index(victim)] = fleet.start()

    assert {fleet.ended(job_id).state for job_id in jobs} == {State.SUCCEEDED}
    assert all(fleet.kinds(job_id).count("succeeded") == 1 for job_id in jobs)
    eventually(fleet.is_quiet)


def test_rolling_restarts_lose_nothing(fleet: FleetUnderTest) -> None:
    """A thousand jobs pass through workers that are restarted in turn; each runs to one result."""
    workers = [fleet.start(), fleet.start()]
    fleet.start("housekeeping")
    jobs = [fleet.submit({"message": str(n), "sleepSeconds": 0.01}) for n in range(1000)]

    for turn in range(6):
        workers[turn % 2].stop()
        workers[turn % 2] = fleet.start()

    assert {fleet.ended(job_id).state for job_id in jobs} == {State.SUCCEEDED}
    assert {fleet.ended(job_id).attempt for job_id in jobs} == {1}
    eventually(fleet.is_quiet)
