"""Beat sends what is scheduled, also what was scheduled while it ran, and also after a wipe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from queues.ledger import State
from tests.fleet import FleetUnderTest, eventually
from workers.schedule import (
    InvalidSchedule,
    Schedule,
    add_schedule,
    pause_schedule,
    remove_schedule,
    schedules,
)


def test_schedule_made_while_beat_runs(fleet: FleetUnderTest) -> None:
    """A schedule that is added while beat runs sends a new job of its tenant each time."""
    app = fleet.app()
    wanted = Schedule(
        name="every second",
        task="fleet.echo",
        request={"message": "tick"},
        every=timedelta(seconds=1),
        tenant="acme",
    )
    fleet.start()
    fleet.start_beat()

    add_schedule(app, wanted)

    eventually(lambda: len(fleet.ledger.jobs(tenant="acme", state=State.SUCCEEDED)) >= 2)
    pause_schedule(app, "every second")
    [kept] = schedules(app)
    assert (kept.task, kept.every, kept.enabled) == ("fleet.echo", wanted.every, False)
    remove_schedule(app, "every second")
    assert schedules(app) == []


def test_cron_schedule(fleet: FleetUnderTest) -> None:
    """A cron expression is kept as it was written, and one that is none is refused."""
    app = fleet.app()
    wanted = Schedule(name="workdays", task="fleet.echo", request={}, cron="30 6 * * 1-5")

    add_schedule(app, wanted)

    [kept] = schedules(app)
    assert replace(kept, next_at=None) == wanted
    assert kept.next_at is not None
    for wrong in ("99 6 * * *", "30 6 * *", "daily"):
        with pytest.raises(InvalidSchedule, match="cron: expected five fields"):
            add_schedule(app, replace(wanted, cron=wrong))
    with pytest.raises(InvalidSchedule, match="tenant: expected 1 to 64 letters"):
        add_schedule(app, replace(wanted, tenant="acme corp"))


def test_beat_reconciles_after_redis_was_wiped(fleet: FleetUnderTest) -> None:
    """Redis comes back empty: beat ends, its successor has the jobs of the ledger sent again."""
    fleet.start("housekeeping")
    beat = fleet.start_beat()
    eventually(lambda: fleet.redis.exists("redbeat::lock"))
    jobs = [fleet.submit({"message": str(n)}) for n in range(5)]
    eventually(lambda: all(fleet.job(job_id) for job_id in jobs))

    fleet.redis.flushall()
    eventually(lambda: not beat.is_alive)
    fleet.start_beat()
    fleet.start()

    assert {fleet.ended(job_id).state for job_id in jobs} == {State.SUCCEEDED}
