"""What one worker counts of its jobs.

Every series that can be is there from the start, at zero: Prometheus sees no increase in a series
that begins at one, and an alert on a first failure would never fire.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry

from queues.job_error import Code
from queues.ledger import State, Trouble
from queues.names import Priority
from tasks.declaration import MERGE_SUFFIX, SHARD_SUFFIX, Declaration
from workers.metrics import declared
from workers.metrics.instruments import counter, histogram
from workers.metrics.observer import FleetObserver, ObservedJob

UNKNOWN = "unknown"
"""Stands for every task that the catalogue does not have."""


class JobMetrics(FleetObserver):
    """Counts the jobs of one worker."""

    def __init__(
        self, registry: CollectorRegistry, *, queue: str, catalogue: Iterable[Declaration]
    ) -> None:
        self._finished = counter(declared.JOBS_FINISHED, registry)
        self._shards = counter(declared.SHARDS_FINISHED, registry)
        self._deliveries = counter(declared.DELIVERIES, registry)
        self._retries = counter(declared.RETRIES, registry)
        self._cut_short = counter(declared.CUT_SHORT, registry)
        self._run_seconds = histogram(declared.RUN_SECONDS, registry)
        self._wait_seconds = histogram(declared.WAIT_SECONDS, registry)
        here = [each for each in catalogue if queue in {each.queue, *each.also_on}]
        self._tasks = frozenset(each.name for each in here)
        self._begin_at_zero(queue, [each.name for each in here if each.fan_out is not None])

    def begun(self, job: ObservedJob, *, waited: timedelta | None) -> None:
        """Count a delivery and how long it waited."""
        self._deliveries.labels(self._part(job.task), job.queue).inc()
        if waited is not None:
            self._wait_seconds.labels(job.queue, job.priority.value).observe(
                max(0.0, waited.total_seconds())  # clocks differ
            )

    def ended(
        self, job: ObservedJob, state: State, *, reason: str = "", seconds: float | None = None
    ) -> None:
        """Count a job that ended, or a shard of one."""
        if seconds is not None:
            self._run_seconds.labels(self._part(job.task), job.queue).observe(seconds)
        task = self._task(job.task)
        if job.task.endswith(SHARD_SUFFIX):
            self._shards.labels(task, job.queue).inc()
        else:
            self._finished.labels(task, job.queue, state.value, reason).inc()

    def retried(self, job: ObservedJob, *, reason: str) -> None:
        """Count an attempt that is followed by another."""
        self._retries.labels(self._task(job.task), job.queue, reason).inc()

    def cut_short(self, job: ObservedJob, *, reason: str) -> None:
        """Count a process that ended under its job."""
        self._cut_short.labels(self._task(job.task), job.queue, reason).inc()

    def _task(self, name: str) -> str:
        """Give the task of the catalogue that a job, a shard or a merge belongs to."""
        whole = name.removesuffix(SHARD_SUFFIX).removesuffix(MERGE_SUFFIX)
        return whole if whole in self._tasks else UNKNOWN

    def _part(self, name: str) -> str:
        return UNKNOWN if self._task(name) == UNKNOWN else name

    def _begin_at_zero(self, queue: str, split: Iterable[str]) -> None:
        for task in (*self._tasks, UNKNOWN):
            self._finished.labels(task, queue, State.SUCCEEDED.value, "")
            self._finished.labels(task, queue, State.CANCELLED.value, Code.CANCELLED.value)
            for code in set(Code) - {Code.CANCELLED}:
                self._finished.labels(task, queue, State.FAILED.value, code.value)
            for reason in ("time_limit", "cancelled", "worker_lost", "shutdown"):
                self._cut_short.labels(task, queue, reason)
            self._retries.labels(task, queue, Code.UNAVAILABLE.value)
            self._deliveries.labels(task, queue)
            self._run_seconds.labels(task, queue)
        for task in split:
            self._shards.labels(task, queue)
        for priority in Priority:
            self._wait_seconds.labels(queue, priority.value)


class HousekeepingMetrics(FleetObserver):
    """Counts what the worker that keeps house mended."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._reconciled = counter(declared.RECONCILED, registry)
        for trouble in Trouble:
            self._reconciled.labels(trouble.value)

    def reconciled(self, sent: Mapping[str, int]) -> None:
        """Count jobs that were sent again."""
        for trouble, count in sent.items():
            self._reconciled.labels(trouble).inc(count)
