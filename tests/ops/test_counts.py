"""What workers count is what the ledger has, however a job ends and whatever runs it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from queues.cancellation import request_cancellation
from queues.names import Priority
from tasks.catalogue import by_name
from tests.fleet import ROOT, eventually
from tests.ops.conftest import POOLS, WatchedFleet
from workers.delivery import submission_of
from workers.housekeeping import RECONCILE


def _finished(watched: WatchedFleet, pool: str) -> dict[tuple[str, str, str], float]:
    """Give (task, state, reason) -> jobs, as the worker counted them."""
    counted = watched.samples(pool, "riskfleet_jobs_finished_total")
    labels = {key: dict(key) for key in counted}
    return {
        (labels[key]["task"], labels[key]["state"], labels[key].get("reason", "")): count
        for key, count in counted.items()
    }


def _of_the_ledger(watched: WatchedFleet, queue: str) -> dict[tuple[str, str, str], int]:
    """Give the same, as the ledger has them."""
    return Counter(
        (job.task if job.task in by_name() else "unknown", job.state.value, job.reason or "")
        for job in watched.fleet.ledger.jobs(limit=10_000)
        if job.queue == queue and job.state.is_final
    )


def test_a_worker_counts_what_the_ledger_has(watched_fleet: WatchedFleet) -> None:
    """Done, refused, failed, tried again, cancelled, killed at the limit, lost with its process."""
    fleet, now = watched_fleet.fleet, datetime.now(UTC)
    lost = fleet.submit({"sleepSeconds": 2})
    fleet.running(lost)
    for child in fleet.workers[POOLS.index("cpu")].children():
        child.kill()
    fleet.running(lost, attempt=2)
    cancelled = fleet.submit({"sleepSeconds": 60})
    fleet.running(cancelled)
    request_cancellation(fleet.redis, cancelled)
    again = fleet.submit({"fail": "wait"})
    submitted = [
        lost,
        cancelled,
        fleet.submit({"message": "done"}, sent_at=now),
        fleet.submit({"message": "done"}, sent_at=now, priority=Priority.HIGH),
        fleet.submit({"fail": "changeRequest"}),
        fleet.submit({"fail": "callUs"}),
        again,
        fleet.submit({}, task="no.task"),
        fleet.submit({"spinSeconds": 60}, soft_limit_seconds=0.5, hard_limit_seconds=1),
    ]

    eventually(lambda: _reasons(watched_fleet, "riskfleet_retries_total").get("unavailable"))
    request_cancellation(fleet.redis, again)
    for job_id in submitted:
        fleet.ended(job_id)

    recorded = _of_the_ledger(watched_fleet, "cpu")
    assert sum(recorded.values()) >= len(submitted)
    eventually(lambda: _finished(watched_fleet, "cpu") == recorded)
    assert _reasons(watched_fleet, "riskfleet_jobs_cut_short_total") == {
        "worker_lost": 1,
        "time_limit": 1,
    }
    waits = watched_fleet.samples("cpu", "riskfleet_wait_seconds_count")
    counted = {dict(key)["priority"]: count for key, count in waits.items()}
    # A retry waits from the moment for which it was put off.
    assert (counted["high"], counted["normal"] >= 2) == (1, True)
    busy = watched_fleet.samples("cpu", "riskfleet_slots_busy")
    assert (busy, len(watched_fleet.samples("cpu", "riskfleet_slots"))) == ({}, 1)


@pytest.mark.parametrize("pool", ["gpu", "etl"])
def test_every_kind_of_pool_is_counted(watched_fleet: WatchedFleet, pool: str) -> None:
    """Threads and spawned processes tell their main process as much as forked ones."""
    fleet = watched_fleet.fleet
    for request in ({"message": "done"}, {"fail": "changeRequest"}):
        fleet.ended(fleet.submit(request, queue=pool))

    recorded = {
        ("fleet.echo", "succeeded", ""): 1,
        ("fleet.echo", "failed", "invalid_request"): 1,
    }
    assert _of_the_ledger(watched_fleet, pool) == recorded
    eventually(lambda: _finished(watched_fleet, pool) == recorded)


def test_a_split_job_is_counted_once(watched_fleet: WatchedFleet) -> None:
    """The job ends with its merge; its shards are counted apart."""
    example = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    scenario = example["scenario"] | {"lossEventFrequencyPerYear": 40}
    request = example | {"scenario": scenario, "engine": "monteCarlo", "trials": 15_000_000}
    job_id = watched_fleet.fleet.submit(request, task="prism.simulate_scenario")
    watched_fleet.fleet.ended(job_id)

    shards = watched_fleet.fleet.ledger.children(UUID(job_id))
    assert len(shards) > 1
    eventually(
        lambda: (
            watched_fleet.samples("cpu", "riskfleet_shards_finished_total").values()
            and sum(watched_fleet.samples("cpu", "riskfleet_shards_finished_total").values())
            == len(shards)
        )
    )
    ended = _finished(watched_fleet, "cpu")
    assert ended["prism.simulate_scenario", "succeeded", ""] == 1


def test_jobs_that_were_sent_again_are_counted(watched_fleet: WatchedFleet) -> None:
    """What the reconciler does in the housekeeping process is seen there."""
    fleet = watched_fleet.fleet
    message = fleet.message({"message": "lost"})
    fleet.ledger.register([submission_of(message)])
    with psycopg.connect(fleet.database_url) as connection:
        connection.execute(
            "UPDATE riskfleet.job SET updated_at = now() - interval '1 hour' WHERE id = %s",
            [message.job_id],
        )

    fleet.beat_once(RECONCILE)

    fleet.ended(message.job_id)
    sent = eventually(lambda: watched_fleet.samples("housekeeping", "riskfleet_reconciled_total"))
    assert sent == {frozenset({("trouble", "unclaimed")}): 1}


def _reasons(watched: WatchedFleet, name: str) -> dict[str, float]:
    return {dict(key)["reason"]: count for key, count in watched.samples("cpu", name).items()}
