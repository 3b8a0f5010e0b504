"""Tenants take turns and keep to their caps, also while workers die."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from queues.ledger import Job, State
from queues.names import MAX_RUNNING_KEY, PARKED_KEY
from tests.fleet import ROOT, FleetUnderTest, eventually


def in_order_of_start(jobs: list[Job]) -> list[Job]:
    """The jobs in the order in which they began; each one has."""
    return sorted(jobs, key=lambda job: (job.started_at is None, job.started_at))


def no_two_overlap(jobs: list[Job]) -> bool:
    """Whether each began when the one before had ended."""
    ordered = in_order_of_start(jobs)
    return all(
        first.finished_at and then.started_at and first.finished_at <= then.started_at
        for first, then in pairwise(ordered)
    )


def no_slot_is_left(fleet: FleetUnderTest) -> bool:
    """Whether nothing is in hand, and nothing waits for what was."""
    left = fleet.redis.exists(PARKED_KEY, "riskfleet:in-flight:large", "riskfleet:in-flight:small")
    return fleet.is_quiet() and not left


def test_a_few_jobs_go_between_those_of_a_backlog(fleet: FleetUnderTest) -> None:
    """Five jobs that come after thirty of another tenant begin among the first ten."""
    large = [fleet.submit({"message": str(n)}, tenant="large") for n in range(30)]
    small = [fleet.submit({"message": str(n)}, tenant="small") for n in range(5)]

    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")

    jobs = [fleet.ended(job_id) for job_id in large + small]
    first_ten = [job.tenant for job in in_order_of_start(jobs)[:10]]
    assert first_ten == ["large", "small"] * 5
    assert {job.state for job in jobs} == {State.SUCCEEDED}
    eventually(lambda: no_slot_is_left(fleet))


def test_a_cap_outlives_the_worker_that_fills_it(fleet: FleetUnderTest) -> None:
    """While the only job in flight is a dead worker's the others wait, then go on one by one."""
    fleet.redis.hset(MAX_RUNNING_KEY, "large", 1)
    dies = fleet.start()
    first = fleet.submit({"sleepSeconds": 1}, tenant="large")
    fleet.running(first)
    others = [fleet.submit({"sleepSeconds": 0.1}, tenant="large") for _ in range(5)]
    bystander = fleet.submit({}, tenant="small")
    assert fleet.ended(bystander).state is State.SUCCEEDED

    dies.kill()
    fleet.start()

    jobs = [fleet.ended(job_id) for job_id in (first, *others)]
    assert [job.attempt for job in jobs] == [2, 1, 1, 1, 1, 1]
    assert no_two_overlap(jobs)
    eventually(lambda: no_slot_is_left(fleet))


def test_jobs_for_later_keep_to_the_cap(fleet: FleetUnderTest) -> None:
    """A worker holds them until their time; then they wait for their turn like any other."""
    fleet.redis.hset(MAX_RUNNING_KEY, "large", 1)
    fleet.start()
    soon = datetime.now(UTC) + timedelta(seconds=1)

    waiting = [
        fleet.submit({"sleepSeconds": 0.2}, tenant="large", not_before=soon) for _ in range(4)
    ]

    jobs = [fleet.ended(job_id) for job_id in waiting]
    assert all(job.started_at and job.started_at >= soon for job in jobs)
    assert no_two_overlap(jobs)
    eventually(lambda: no_slot_is_left(fleet))


def test_a_split_job_ends_within_a_cap_of_one(fleet: FleetUnderTest) -> None:
    """Its shards run one after the other, and its merge after them: no part waits for another."""
    fleet.redis.hset(MAX_RUNNING_KEY, "*", 1)
    request = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    request["scenario"]["lossEventFrequencyPerYear"] = 40
    fleet.start()

    job_id = fleet.submit(
        request | {"engine": "monteCarlo", "trials": 15_000_000},
        task="prism.simulate_scenario",
        tenant="large",
    )

    assert fleet.ended(job_id).state is State.SUCCEEDED
    shards = fleet.ledger.children(UUID(job_id))
    assert len(shards) == 3
    assert no_two_overlap(shards)
    eventually(lambda: no_slot_is_left(fleet))
