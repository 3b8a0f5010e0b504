"""Jobs that are cancelled, too long or too big end as they should, and free their slot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from queues.cancellation import request_cancellation
from queues.ledger import State
from tests.fleet import FleetUnderTest, error_of, eventually


def test_cancel_while_queued_with_no_worker_up(fleet: FleetUnderTest) -> None:
    """A job cancelled before any worker is up ends cancelled without having run."""
    job_id = fleet.submit({"message": "never", "allocateMebibytes": 1})
    request_cancellation(fleet.redis, job_id, "changed our mind")

    fleet.start()

    error = error_of(fleet.stored(job_id))
    assert (error["code"], error["message"]) == ("cancelled", "changed our mind")
    assert fleet.ended(job_id).state is State.CANCELLED


def test_cancel_is_heard_by_a_job_that_reports_progress(fleet: FleetUnderTest) -> None:
    """A running job that reports progress ends soon after the wish, in the same process."""
    worker = fleet.start()
    processes = [child.pid for child in worker.children()]
    job_id = fleet.submit({"sleepSeconds": 60})
    fleet.running(job_id)

    request_cancellation(fleet.redis, job_id)

    assert error_of(fleet.stored(job_id))["code"] == "cancelled"
    assert fleet.ended(job_id).state is State.CANCELLED
    assert [child.pid for child in worker.children()] == processes


def test_cancel_kills_a_job_deaf_in_compiled_code(fleet: FleetUnderTest) -> None:
    """A job that hears nothing is killed after the grace, and its slot serves the next job."""
    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit({"spinSeconds": 60})
    fleet.running(job_id)

    request_cancellation(fleet.redis, job_id)

    assert error_of(fleet.stored(job_id))["code"] == "cancelled"
    job = fleet.ended(job_id)
    assert (job.state, job.attempt) == (State.CANCELLED, 1)
    after = fleet.submit({"message": "next"})
    assert fleet.stored(after)["result"]["message"] == "next"
    eventually(fleet.is_quiet)


def test_deadline_ends_a_job(fleet: FleetUnderTest) -> None:
    """A job is not run on past the moment after which its caller has no use for it."""
    fleet.start()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    job_id = fleet.submit({"sleepSeconds": 60}, deadline=soon)
    late = fleet.submit({"message": "too late"}, deadline=soon - timedelta(hours=1))

    assert error_of(fleet.stored(job_id))["code"] == "deadline_exceeded"
    assert error_of(fleet.stored(late))["code"] == "deadline_exceeded"


def test_soft_limit_ends_a_job(fleet: FleetUnderTest) -> None:
    """The soft limit ends a job that can hear it; the process goes on."""
    worker = fleet.start()
    processes = [child.pid for child in worker.children()]
    job_id = fleet.submit({"sleepSeconds": 60}, soft_limit_seconds=1)

    error = error_of(fleet.stored(job_id))

    assert (error["code"], error["remedy"]) == ("time_limit", "call_us")
    assert fleet.ended(job_id).state is State.FAILED
    assert [child.pid for child in worker.children()] == processes


def test_hard_limit_kills_a_job(fleet: FleetUnderTest) -> None:
    """The hard limit kills a job that hears nothing; the next job is served."""
    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit({"spinSeconds": 60}, soft_limit_seconds=1, hard_limit_seconds=3)

    error = error_of(fleet.stored(job_id))

    assert (error["code"], error["remedy"]) == ("time_limit", "call_us")
    assert fleet.ended(job_id).state is State.FAILED
    after = fleet.submit({"message": "next"})
    assert fleet.stored(after)["result"]["message"] == "next"
    eventually(fleet.is_quiet)
