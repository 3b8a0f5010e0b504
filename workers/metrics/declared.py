"""Every metric of the fleet, declared once: exporters, docs/metrics.md and tests read it here.

Labels are closed sets (tasks of the catalogue, codes, queues, priorities). No label names a tenant
or a job: each value is a time series for as long as Prometheus remembers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How Prometheus reads a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric as it is exported."""

    name: str
    kind: Kind
    labels: tuple[str, ...] = ()
    meaning: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which Prometheus keeps it."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "sum", "count"))
        return (self.name,)


def _counter(name: str, *labels: str, meaning: str) -> Metric:
    return Metric(name=f"riskfleet_{name}", kind=Kind.COUNTER, labels=labels, meaning=meaning)


def _gauge(name: str, *labels: str, meaning: str) -> Metric:
    return Metric(name=f"riskfleet_{name}", kind=Kind.GAUGE, labels=labels, meaning=meaning)


def _histogram(name: str, *labels: str, meaning: str) -> Metric:
    return Metric(name=f"riskfleet_{name}", kind=Kind.HISTOGRAM, labels=labels, meaning=meaning)


JOBS_FINISHED = _counter(
    *("jobs_finished_total", "task", "queue", "state", "reason"),
    meaning="Jobs that ended on this worker; `reason` is the error's code, empty for a success. "
    "A message that comes again after its job has ended counts again.",
)
SHARDS_FINISHED = _counter(
    *("shards_finished_total", "task", "queue"),
    meaning="Shards of split jobs that ended, well or not: their merge decides.",
)
DELIVERIES = _counter(
    *("deliveries_total", "task", "queue"),
    meaning="Messages that a process of this worker began with: jobs, shards, merges, repeats.",
)
RETRIES = _counter(
    *("retries_total", "task", "queue", "reason"),
    meaning="Attempts that ended early and are followed by another; `reason` is the error's code, "
    "or `held` if somebody else had the job or the ledger was away.",
)
CUT_SHORT = _counter(
    *("jobs_cut_short_total", "task", "queue", "reason"),
    meaning="Jobs whose process ended under them: `time_limit` and `cancelled` were killed, "
    "`worker_lost` died, `shutdown` gives the job back.",
)
RUN_SECONDS = _histogram(
    *("run_seconds", "task", "queue"),
    meaning="How long a job, one shard (`<task>.shard`) or one merge (`<task>.merge`) held its "
    "slot until it ended.",
)
WAIT_SECONDS = _histogram(
    *("wait_seconds", "queue", "priority"),
    meaning="From the moment a job may run (sent, or its `eta`) until a process began with it. "
    "Senders that do not say when they sent are left out.",
)
SLOTS = _gauge("slots", "queue", meaning="How many jobs this worker can run side by side.")
SLOTS_BUSY = _gauge("slots_busy", "queue", meaning="How many jobs run on this worker now.")
THREAD_AGE = _gauge(
    *("thread_idle_seconds", "thread"),
    meaning="Since a thread beside the worker's event loop last did its round. A thread that "
    "ends takes its worker along; one that hangs shows here.",
)
BUILD = _gauge(
    *("build_info", "version", "celery", "python"), meaning="Always 1; what runs, as labels."
)

OF_A_WORKER = (
    JOBS_FINISHED,
    SHARDS_FINISHED,
    DELIVERIES,
    RETRIES,
    CUT_SHORT,
    RUN_SECONDS,
    WAIT_SECONDS,
    SLOTS,
    SLOTS_BUSY,
    THREAD_AGE,
    BUILD,
)
"""What every worker exports of itself: sum over workers."""

RECONCILED = _counter(
    *("reconciled_total", "trouble"),
    meaning="Jobs that the reconciler of this process sent again because Redis had no message.",
)
QUEUE_DEPTH = _gauge(
    *("queue_depth", "queue", "priority"),
    meaning="Messages that wait in Redis, those of tenants at their cap included.",
)
QUEUE_OLDEST = _gauge(
    *("queue_oldest_seconds", "queue", "priority"),
    meaning="How long the longest-waiting job could have run already; 0 if none waits.",
)
IN_HAND = _gauge(
    "messages_in_hand", meaning="Messages that workers took and have not acknowledged."
)
DEAD_LETTERS = _gauge(
    "dead_letters", meaning="Messages put aside because they are no jobs; at most ten thousand."
)
JOBS = _gauge(
    *("jobs", "queue", "state"),
    meaning="Jobs that have not ended (`accepted`, `running`), as the ledger has them.",
)
LEASES_OVERDUE = _gauge(
    *("leases_overdue", "queue"),
    meaning="Running jobs whose worker stopped renewing its lease and that nobody took over.",
)
WORKERS = _gauge("workers", "queue", meaning="Workers that were heard of in the last ten seconds.")
OUTBOX_ROWS = _gauge("outbox_rows", meaning="Jobs in the outbox that the relay has not taken.")
OUTBOX_OLDEST = _gauge(
    "outbox_oldest_seconds", meaning="How long the oldest row has been in the outbox; 0 if none is."
)
REDIS_UP = _gauge("redis_up", meaning="Whether Redis answered within two seconds.")
REDIS_SECONDS = _gauge("redis_round_trip_seconds", meaning="How long Redis took to answer a PING.")
REDIS_MEMORY = _gauge("redis_memory_used_bytes", meaning="Memory that Redis uses for data.")
REDIS_MEMORY_MAX = _gauge(
    "redis_memory_max_bytes", meaning="Memory that Redis may use; 0 without a limit."
)
POSTGRES_UP = _gauge("postgres_up", meaning="Whether the ledger answered within two seconds.")
POSTGRES_SECONDS = _gauge(
    "postgres_round_trip_seconds", meaning="How long the ledger took to answer `SELECT 1`."
)

OF_THE_FLEET = (
    RECONCILED,
    QUEUE_DEPTH,
    QUEUE_OLDEST,
    IN_HAND,
    DEAD_LETTERS,
    JOBS,
    LEASES_OVERDUE,
    WORKERS,
    OUTBOX_ROWS,
    OUTBOX_OLDEST,
    REDIS_UP,
    REDIS_SECONDS,
    REDIS_MEMORY,
    REDIS_MEMORY_MAX,
    POSTGRES_UP,
    POSTGRES_SECONDS,
)
"""What housekeeping exports of the whole fleet, looked up at each scrape: `max`, never `sum`,
if several keep house."""

ALL = (*OF_A_WORKER, *OF_THE_FLEET)
