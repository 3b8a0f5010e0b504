"""The fleet at one moment, from Redis and the ledger; either may be away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from queues.events import JobEvent
from queues.ledger import JobSummary, Ledger, LedgerUnavailable
from queues.ledger.overview import Minute, Overview, ended_lately, overview, running
from queues.names import progress_key
from queues.traffic import Traffic, traffic

LATELY = timedelta(minutes=10)
_RUNNING_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class RunningJob:
    """A job that runs, and how far it is."""

    id: UUID
    task: str
    tenant: str
    queue: str
    attempt: int
    worker: str | None
    """None while its shards run."""
    seconds: float
    fraction: float | None
    message: str


@dataclass(frozen=True, kw_only=True)
class Records:
    """What the ledger tells."""

    overview: Overview
    lately: tuple[Minute, ...]
    running: tuple[RunningJob, ...]
    """The longest-running first."""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What was seen. Of a store that did not answer there is what it, or its client, said."""

    at: datetime
    traffic: Traffic | str
    records: Records | str


def look(redis: Redis, ledger: Ledger) -> Glance:
    """Look at a fleet. Never raises for a store that is away."""
    now = datetime.now(UTC)
    return Glance(at=now, traffic=_traffic(redis), records=_records(redis, ledger, now))


def _traffic(redis: Redis) -> Traffic | str:
    try:
        return traffic(redis)
    except RedisError as error:
        return _first_line(error)


def _records(redis: Redis, ledger: Ledger, now: datetime) -> Records | str:
    try:
        jobs = running(ledger.engine, limit=_RUNNING_SHOWN)
        return Records(
            overview=overview(ledger.engine),
            lately=tuple(ended_lately(ledger.engine, within=LATELY)),
            running=tuple(
                _running(job, event, now)
                for job, event in zip(jobs, _progress(redis, jobs), strict=True)
            ),
        )
    except LedgerUnavailable as error:
        return _first_line(error)


def _running(job: JobSummary, event: JobEvent | None, now: datetime) -> RunningJob:
    return RunningJob(
        id=job.id,
        task=job.task,
        tenant=job.tenant,
        queue=job.queue,
        attempt=job.attempt,
        worker=job.worker,
        seconds=max(0.0, (now - (job.claimed_at or now)).total_seconds()),
        fraction=event.fraction if event else None,
        message=event.message if event else "",
    )


def _progress(redis: Redis, jobs: Sequence[JobSummary]) -> list[JobEvent | None]:
    if not jobs:
        return []
    try:
        return [_event(text) for text in redis.mget([progress_key(str(job.id)) for job in jobs])]
    except RedisError:
        return [None] * len(jobs)


def _event(text: str | None) -> JobEvent | None:
    try:
        return JobEvent.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
