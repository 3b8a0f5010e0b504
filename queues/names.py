"""Queues, priorities and the Redis keys they live under.

A queue is a Redis list per priority. Celery's Redis transport sends a message without a priority
to the bare list (`cpu`), and writes a priority p > 0 to `cpu\\x06\\x16<step>`. The bare list is
therefore the middle one here, so that a client that knows nothing of priorities is treated as
normal: workers look at the high list, then the bare one, then the low ones.
"""

from __future__ import annotations

import re
from enum import StrEnum

KEY_PREFIX = "riskfleet:"
PRIORITY_SEPARATOR = "\x06\x16"


TENANT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_tenant(name: str) -> bool:
    """Tell whether a tenant may have this name."""
    return TENANT.fullmatch(name) is not None


class Queue(StrEnum):
    """Where jobs wait. One pool of workers serves each."""

    CPU = "cpu"
    GPU = "gpu"
    ETL = "etl"
    SECURITY = "security"


class Priority(StrEnum):
    """Which of a queue's waiting jobs goes first."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def step(self) -> int:
        """The number this priority has in a Celery message's properties."""
        return PRIORITY_STEP[self]


PRIORITY_STEP = {Priority.HIGH: 3, Priority.NORMAL: 0, Priority.LOW: 6}
PRIORITY_OF_STEP = {step: priority for priority, step in PRIORITY_STEP.items()}

# The order in which a worker looks at a queue's lists. Step 9 is where a Celery client's own
# lowest priority arrives; nothing of ours writes there.
SERVING_ORDER = (3, 0, 6, 9)


def queue_key(queue: str, step: int) -> str:
    """Give the Redis list that holds `queue`'s messages of a priority step (0, 3, 6 or 9)."""
    return f"{queue}{PRIORITY_SEPARATOR}{step}" if step else queue


def queue_keys(queue: str) -> list[str]:
    """Give every list of `queue`, the most urgent first."""
    return [queue_key(queue, step) for step in SERVING_ORDER]


SUBMITTED_KEY = f"{KEY_PREFIX}submitted"
"""Sorted set: job id -> milliseconds since 1970 at which it was sent, until the ledger has it."""

DEAD_LETTERS_KEY = f"{KEY_PREFIX}dead-letters"
"""Stream of messages that could not become jobs, each with its reason."""

SCHEDULES_KEY = f"{KEY_PREFIX}schedules"
"""Sorted set: `tenant:name` -> seconds since 1970 at which beat looks at the schedule, or -1."""

WORKERS_KEY = f"{KEY_PREFIX}workers"
"""Hash: worker -> what it said of itself last, as JSON."""

UNACKED_KEY = "unacked"
"""Hash in which kombu keeps the messages that workers took and have not acknowledged."""

UNACKED_INDEX_KEY = "unacked_index"
"""Sorted set of kombu's: delivery tag of such a message -> seconds at which it was renewed."""

PARKED_KEY = f"{KEY_PREFIX}parked"
"""Hash: list -> how many of its tickets wait for a tenant to have fewer jobs in flight."""

MAX_WAITING_KEY = f"{KEY_PREFIX}max-waiting"
"""Hash: tenant, or `*` for any other -> how many of its jobs may wait; 0 is no limit."""

MAX_RUNNING_KEY = f"{KEY_PREFIX}max-running"
"""Hash: tenant, or `*` for any other -> how many of its jobs may be in flight; 0 is no limit."""

ANY_TENANT = "*"


def ring_key(list_key: str) -> str:
    """Sorted set: tenant -> its place among those whose messages wait for a list's tickets."""
    return f"{KEY_PREFIX}ring:{list_key}"


def lane_key(list_key: str, tenant: str) -> str:
    """List of a tenant's messages that wait for a list's tickets."""
    return f"{KEY_PREFIX}lane:{list_key}:{tenant}"


def slots_key(tenant: str) -> str:
    """Sorted set: delivery tag of a tenant's message in hand -> seconds at which it was renewed."""
    return f"{KEY_PREFIX}in-flight:{tenant}"


def schedule_key(tenant: str, name: str) -> str:
    """Hash with a schedule as beat knows it, and what it sent last."""
    return f"{KEY_PREFIX}schedule:{tenant}:{name}"


def submission_key(job_id: str) -> str:
    """Hash with the request's hash, and the message until the ledger has the job."""
    return f"{KEY_PREFIX}submission:{job_id}"


def progress_key(job_id: str) -> str:
    """String: the job's last event as JSON."""
    return f"{KEY_PREFIX}progress:{job_id}"


def events_key(job_id: str) -> str:
    """Stream of the job's events; each entry has one field, `event`, a JSON text."""
    return f"{KEY_PREFIX}events:{job_id}"


def cancel_key(job_id: str) -> str:
    """String that exists once somebody asked to cancel the job; its text is the reason."""
    return f"{KEY_PREFIX}cancel:{job_id}"


def result_key(job_id: str) -> str:
    """String under which Celery keeps a result; also the channel on which it is announced."""
    return f"celery-task-meta-{job_id}"


def shards_key(job_id: str) -> str:
    """Hash: number of a shard -> how much of it is done, in [0, 1]."""
    return f"{KEY_PREFIX}shards:{job_id}"
