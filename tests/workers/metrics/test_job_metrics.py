"""What a worker hears of its jobs becomes numbers; labels stay few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from queues.job_error import Code
from queues.ledger import State
from queues.names import Priority
from tasks.catalogue import CATALOGUE
from tests.workers.metrics.conftest import Samples
from workers.metrics.job_metrics import HousekeepingMetrics, JobMetrics
from workers.metrics.observer import ObservedJob

Read = Callable[[str], Samples]


@pytest.fixture
def metrics(registry: CollectorRegistry) -> JobMetrics:
    return JobMetrics(registry, queue="cpu", catalogue=CATALOGUE)


def _job(task: str = "fleet.echo", priority: Priority = Priority.NORMAL) -> ObservedJob:
    return ObservedJob(task=task, queue="cpu", priority=priority)


def test_every_end_can_be_seen_from_the_start(metrics: JobMetrics, samples: Read) -> None:
    """A task's series are there at zero: an alert on its first poison job needs the step up."""
    ends = {
        key: n
        for key, n in samples("riskfleet_jobs_finished_total").items()
        if key[3] == "fleet.echo"
    }

    assert set(ends.values()) == {0}
    assert {reason for _, reason, state, _ in ends if state == "failed"} == set(Code) - {
        "cancelled"
    }
    assert ("cpu", "", "succeeded", "fleet.echo") in ends
    assert ("cpu", "cancelled", "cancelled", "fleet.echo") in ends


def test_ends_are_counted_by_state_and_reason(metrics: JobMetrics, samples: Read) -> None:
    """A success has no reason, a failure its code; both are timed."""
    metrics.ended(_job(), State.SUCCEEDED, seconds=0.5)
    metrics.ended(_job(), State.SUCCEEDED, seconds=2.5)
    metrics.ended(_job(), State.FAILED, reason="poison")

    ends = {key: n for key, n in samples("riskfleet_jobs_finished_total").items() if n}
    assert ends == {
        ("cpu", "", "succeeded", "fleet.echo"): 2,
        ("cpu", "poison", "failed", "fleet.echo"): 1,
    }
    assert samples("riskfleet_run_seconds_count")["cpu", "fleet.echo"] == 2
    assert samples("riskfleet_run_seconds_sum")["cpu", "fleet.echo"] == 3


def test_a_split_job_is_one_job(metrics: JobMetrics, samples: Read) -> None:
    """Its shards are counted apart; its end is that of its merge; each is timed by itself."""
    for part in (".shard", ".shard", ".merge"):
        metrics.begun(_job("prism.simulate_portfolio" + part), waited=None)
        metrics.ended(_job("prism.simulate_portfolio" + part), State.SUCCEEDED, seconds=1)

    assert samples("riskfleet_shards_finished_total")["cpu", "prism.simulate_portfolio"] == 2
    ends = {key: n for key, n in samples("riskfleet_jobs_finished_total").items() if n}
    assert ends == {("cpu", "", "succeeded", "prism.simulate_portfolio"): 1}
    timed = {key: n for key, n in samples("riskfleet_run_seconds_count").items() if n}
    assert timed == {
        ("cpu", "prism.simulate_portfolio.shard"): 2,
        ("cpu", "prism.simulate_portfolio.merge"): 1,
    }


def test_names_of_strangers_make_no_series(metrics: JobMetrics, samples: Read) -> None:
    """Whatever senders ask for that the catalogue does not have is one label."""
    for name in ("no.task", "other.task", "x.shard.merge"):
        metrics.begun(_job(name), waited=None)
        metrics.ended(_job(name), State.FAILED, reason="unknown_task")

    assert samples("riskfleet_deliveries_total")["cpu", "unknown"] == 3
    ends = {key: n for key, n in samples("riskfleet_jobs_finished_total").items() if n}
    assert ends == {("cpu", "unknown_task", "failed", "unknown"): 3}


def test_waits_are_kept_by_priority(metrics: JobMetrics, samples: Read) -> None:
    """A clock that runs ahead makes no negative wait, and a silent sender none at all."""
    metrics.begun(_job(priority=Priority.HIGH), waited=timedelta(seconds=3))
    metrics.begun(_job(priority=Priority.HIGH), waited=timedelta(seconds=-1))
    metrics.begun(_job(), waited=None)

    assert samples("riskfleet_wait_seconds_count")["high", "cpu"] == 2
    assert samples("riskfleet_wait_seconds_sum")["high", "cpu"] == 3
    assert samples("riskfleet_wait_seconds_count")["normal", "cpu"] == 0


def test_what_ends_early_has_its_reason(metrics: JobMetrics, samples: Read) -> None:
    """Attempts that another follows, and processes that ended under their jobs."""
    metrics.retried(_job(), reason=Code.UNAVAILABLE)
    metrics.cut_short(_job(), reason="worker_lost")

    assert samples("riskfleet_retries_total")["cpu", "unavailable", "fleet.echo"] == 1
    assert samples("riskfleet_jobs_cut_short_total")["cpu", "worker_lost", "fleet.echo"] == 1
    assert samples("riskfleet_jobs_cut_short_total")["cpu", "shutdown", "fleet.echo"] == 0


def test_what_was_mended_adds_up(registry: CollectorRegistry, samples: Read) -> None:
    """Each round of the reconciler adds what it sent again, by what was wrong."""
    metrics = HousekeepingMetrics(registry)

    metrics.reconciled({"unclaimed": 2})
    metrics.reconciled({"unclaimed": 1, "lease_ended": 1})

    assert samples("riskfleet_reconciled_total") == {
        ("unclaimed",): 3,
        ("lease_ended",): 1,
        ("shards_silent",): 0,
    }
