"""What became of every job, and what was left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from redis import Redis

from benchmarks.load.workload import PlannedJob
from queues.names import Queue, queue_keys

_JOBS = "SELECT id, state, reason, attempt FROM riskfleet.job WHERE parent_id IS NULL"
_ENDS = """
SELECT job_id, count(*) FROM riskfleet.job_event
WHERE kind IN ('succeeded', 'failed', 'cancelled') GROUP BY job_id HAVING count(*) > 1
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    """The ledger beside the plan."""

    missing: list[PlannedJob]
    """Jobs the ledger has never heard of."""
    unfinished: int
    ended_twice: int
    ended_otherwise: Counter[str]
    """Jobs with an end that was not planned, by its reason."""
    ends: Counter[str]
    attempts: Counter[int]


def take_account(database_url: str, jobs: Sequence[PlannedJob]) -> Account:
    """Compare each planned job with its row."""
    with psycopg.connect(database_url) as connection:
        rows = {row[0]: row[1:] for row in connection.execute(_JOBS)}
        twice = connection.execute(_ENDS).fetchall()
    known = [(job, *rows[job.id]) for job in jobs if job.id in rows]
    ended = [
        (job, state if state == "succeeded" else reason)
        for job, state, reason, _ in known
        if state in ("succeeded", "failed", "cancelled")
    ]
    return Account(
        missing=[job for job in jobs if job.id not in rows],
        unfinished=len(known) - len(ended),
        ended_twice=len(twice),
        ended_otherwise=Counter(end for job, end in ended if end not in job.ends),
        ends=Counter(end for _, end in ended),
        attempts=Counter(attempt for *_, attempt in known),
    )


def count_unfinished(database_url: str, ids: set[UUID]) -> int:
    """Give how many of these jobs have not ended, those nobody knows included."""
    with psycopg.connect(database_url) as connection:
        ended = connection.execute("SELECT id FROM riskfleet.job WHERE finished_at IS NOT NULL")
        return len(ids - {row[0] for row in ended})


def left_behind(redis_url: str) -> dict[str, int]:
    """Give what Redis still holds of jobs in flight; all of it should be nothing."""
    redis: Redis = Redis.from_url(redis_url)
    found = {
        "unacked": redis.hlen("unacked"),
        "unacked_index": redis.zcard("unacked_index"),
        "waiting for the ledger": redis.zcard("riskfleet:submitted"),
        "parked": sum(map(int, redis.hvals("riskfleet:parked"))),
        "dead letters": redis.xlen("riskfleet:dead-letters"),
    }
    found["queues"] = sum(redis.llen(key) for queue in Queue for key in queue_keys(queue))
    found["lanes"] = sum(redis.llen(key) for key in redis.scan_iter("riskfleet:lane:*"))
    found["slots"] = sum(redis.zcard(key) for key in redis.scan_iter("riskfleet:in-flight:*"))
    return found
