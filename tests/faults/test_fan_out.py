"""A split job is one job to its caller, whatever happens to its shards."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from queues.cancellation import request_cancellation
from queues.ledger import State
from tests.fleet import ROOT, FleetUnderTest, error_of, eventually

TASK = "prism.simulate_scenario"


@pytest.fixture
def request_() -> dict[str, Any]:
    """Fifteen million years of forty loss events each: three shards."""
    example: dict[str, Any] = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    scenario = example["scenario"] | {"lossEventFrequencyPerYear": 40}
    return example | {"scenario": scenario, "engine": "monteCarlo", "trials": 15_000_000}


def big(request: dict[str, Any]) -> dict[str, Any]:
    """As much as one job may ask for: a minute of two processes."""
    return request | {"trials": 1_000_000_000}


def test_split_job_gives_one_result(fleet: FleetUnderTest, request_: dict[str, Any]) -> None:
    """The shards run as child jobs, and the caller sees one job with one result."""
    fleet.start()
    job_id = fleet.submit(request_, task=TASK)

    result = fleet.stored(job_id)["result"]

    children = fleet.ledger.children(UUID(job_id))
    assert result["provenance"]["trials"] == 15_000_000
    assert [child.state for child in children] == [State.SUCCEEDED] * 3
    assert fleet.ended(job_id).attempt == 1
    assert fleet.kinds(job_id) == ["accepted", "running", "delegated", "merging", "succeeded"]
    fractions = [e.fraction for _, e in fleet.events.follow(job_id) if e and e.kind == "progress"]
    assert fractions == sorted(fractions, key=lambda fraction: fraction or 0)
    eventually(fleet.is_quiet)


def test_killed_worker_costs_a_shard_an_attempt(
    fleet: FleetUnderTest, request_: dict[str, Any]
) -> None:
    """A worker killed among the shards delays the job; the result is the same to the last bit."""
    fleet.start()
    undisturbed = fleet.submit(request_, task=TASK)
    expected = fleet.stored(undisturbed)["result"]

    disturbed = fleet.submit(request_, task=TASK)
    eventually(lambda: any(c.state == "running" for c in fleet.ledger.children(UUID(disturbed))))
    fleet.workers[0].kill()
    fleet.start()

    assert fleet.stored(disturbed)["result"] == expected
    assert fleet.ended(disturbed).attempt == 1
    eventually(fleet.is_quiet)


def test_cancelled_split_job(fleet: FleetUnderTest, request_: dict[str, Any]) -> None:
    """Cancelling a split job ends its shards, waiting and running ones alike."""
    fleet.start()
    job_id = fleet.submit(big(request_), task=TASK)
    eventually(lambda: any(c.state == "running" for c in fleet.ledger.children(UUID(job_id))))

    request_cancellation(fleet.redis, job_id)

    assert error_of(fleet.stored(job_id))["code"] == "cancelled"
    assert fleet.ended(job_id).state is State.CANCELLED
    states = {child.state for child in fleet.ledger.children(UUID(job_id))}
    assert states <= {State.CANCELLED, State.SUCCEEDED}
    eventually(fleet.is_quiet)


def test_cancelled_shard_that_does_not_listen(
    fleet: FleetUnderTest, request_: dict[str, Any]
) -> None:
    """A shard whose process hangs is killed once its job is cancelled, and the job ends."""
    worker = fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit(big(request_), task=TASK)
    eventually(lambda: any(c.state == "running" for c in fleet.ledger.children(UUID(job_id))))
    [child] = worker.children()
    child.suspend()

    request_cancellation(fleet.redis, job_id)

    assert error_of(fleet.stored(job_id))["code"] == "cancelled"
    assert fleet.ended(job_id).state is State.CANCELLED


def test_redis_wiped_in_the_middle(fleet: FleetUnderTest, request_: dict[str, Any]) -> None:
    """A split job whose shards vanish from Redis is started anew and ends."""
    fleet.start("housekeeping")
    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    job_id = fleet.submit(request_ | {"trials": 60_000_000}, task=TASK)
    eventually(lambda: any(c.state == "running" for c in fleet.ledger.children(UUID(job_id))))

    fleet.redis.flushall()

    def ended() -> bool:
        fleet.beat_once("fleet.reconcile")
        job = fleet.job(job_id)
        return job is not None and job.state.is_final

    eventually(ended)
    assert fleet.ended(job_id).state is State.SUCCEEDED
    assert fleet.ended(job_id).attempt == 2
