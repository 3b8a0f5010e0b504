"""The wish that a job should end. It is kept in Redis, so it outlives every worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from redis import Redis

from queues.names import cancel_key

KEPT = timedelta(days=7)


def request_cancellation(
    redis: Redis, job_id: str, reason: str = "cancelled by the caller"
) -> None:
    """Ask that the job end, whether it waits or runs. A finished job is not changed."""
    redis.set(cancel_key(job_id), reason, ex=KEPT)


def cancellation(redis: Redis, job_id: str) -> str | None:
    """Give the reason for which the job should end, or None."""
    reason: str | None = redis.get(cancel_key(job_id))
    return reason


def cancellations(redis: Redis, job_ids: Sequence[str]) -> dict[str, str]:
    """Give job id -> reason for those of `job_ids` that should end."""
    if not job_ids:
        return {}
    reasons = redis.mget([cancel_key(job_id) for job_id in job_ids])
    return {job: reason for job, reason in zip(job_ids, reasons, strict=True) if reason is not None}
