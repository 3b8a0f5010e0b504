"""Beat sends what is scheduled, also what was scheduled while it ran, and also after a wipe."""

from __future__ import annotations

from typing import Any

from queues.ledger import JobSummary, State
from queues.names import SCHEDULES_KEY
from tests.fleet import FleetUnderTest, error_of, eventually
from workers.housekeeping import MEND_SCHEDULES, RECONCILE
from workers.intake import HOUSEKEEPING


def asked(fleet: FleetUnderTest, task: str, request: dict[str, Any], *, tenant: str) -> Any:
    """Ask a worker for a task about schedules, as a backend does, and give its result."""
    meta = fleet.stored(fleet.submit(request, task=task, tenant=tenant))
    assert meta["status"] == "SUCCESS", error_of(meta)
    return meta["result"]


def done(fleet: FleetUnderTest, tenant: str) -> list[JobSummary]:
    """The jobs that a tenant's schedules have sent and that have succeeded."""
    jobs = fleet.ledger.jobs(tenant=tenant, task="fleet.echo", state=State.SUCCEEDED)
    return [job for job in jobs if _origin(fleet, job) == "schedule:tick"]


def _origin(fleet: FleetUnderTest, job: JobSummary) -> str | None:
    whole = fleet.ledger.get(job.id)
    return whole.headers.get("origin") if whole else None


def test_schedules_from_the_backend(fleet: FleetUnderTest) -> None:
    """A tenant's jobs run every second until it pauses them, and again after Redis was wiped."""
    fleet.start()
    fleet.start("housekeeping")
    beat = fleet.start_beat()
    tick = {"name": "tick", "task": "fleet.echo", "request": {"message": "tick"}, "everySeconds": 1}

    put = asked(fleet, "fleet.put_schedule", tick, tenant="acme")
    assert len(put["nextRuns"]) == 3
    eventually(lambda: len(done(fleet, "acme")) >= 2)

    paused = asked(fleet, "fleet.pause_schedule", {"name": "tick"}, tenant="acme")
    assert (paused["enabled"], paused["nextRuns"]) == (False, [])
    assert fleet.redis.zscore(SCHEDULES_KEY, "acme:tick") == -1

    asked(fleet, "fleet.resume_schedule", {"name": "tick"}, tenant="acme")
    fleet.redis.flushall()
    eventually(lambda: not beat.is_alive)
    before = len(done(fleet, "acme"))
    fleet.beat_once(MEND_SCHEDULES)
    fleet.start_beat()
    eventually(lambda: len(done(fleet, "acme")) > before)

    listed = asked(fleet, "fleet.list_schedules", {}, tenant="acme")
    assert [each["name"] for each in listed["schedules"]] == ["tick"]
    assert asked(fleet, "fleet.list_schedules", {}, tenant="other") == {"schedules": []}
    assert asked(fleet, "fleet.remove_schedule", {"name": "tick"}, tenant="acme")["removed"]
    assert fleet.ledger.jobs(tenant="other", task="fleet.echo") == []


def test_beat_reconciles_after_redis_was_wiped(fleet: FleetUnderTest) -> None:
    """Redis comes back empty: beat ends, its successor has the jobs of the ledger sent again."""
    fleet.start("housekeeping")
    beat = fleet.start_beat()
    eventually(lambda: fleet.redis.exists("redbeat::lock"))
    jobs = [fleet.submit({"message": str(n)}) for n in range(5)]
    eventually(lambda: all(fleet.job(job_id) for job_id in jobs))

    fleet.redis.flushall()
    eventually(lambda: not beat.is_alive)
    assert "Traceback" not in beat.log.read_text()
    fleet.start_beat()
    fleet.start()

    assert {fleet.ended(job_id).state for job_id in jobs} == {State.SUCCEEDED}


def test_garbage_among_the_upkeep_ends_no_beat(fleet: FleetUnderTest) -> None:
    """A beat that starts drops what it cannot read, and sends the upkeep."""
    redis = fleet.redis
    redis.hset(f"redbeat:{RECONCILE}", "definition", "garbage")
    redis.hset(f"redbeat:{MEND_SCHEDULES}", mapping={"definition": "{}", "meta": "garbage"})
    redis.set("redbeat:strange", "no hash")
    redis.zadd("redbeat::schedule", {"redbeat:strange": 0, f"redbeat:{RECONCILE}": 0})

    beat = fleet.start_beat()

    eventually(lambda: redis.llen(HOUSEKEEPING) >= 2 or not beat.is_alive)
    assert beat.is_alive, beat.log.read_text()
    assert redis.zscore("redbeat::schedule", "redbeat:strange") is None
