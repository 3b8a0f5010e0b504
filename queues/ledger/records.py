"""What the ledger is told and what it tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class State(StrEnum):
    """Where a job stands; why it stands there is its `reason`."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether a job in this state stays in it."""
        return self in FINAL


FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A job as its caller asked for it."""

    id: UUID
    task: str
    tenant: str
    queue: str
    priority: str
    request: str
    """JSON text, kept as it came."""
    request_hash: str
    headers: dict[str, str] = field(default_factory=dict)
    """The message's own headers that must survive a second sending (trace, schema hash)."""
    expected: str | None = None
    """The caller's own answer as JSON text, to compare the result with."""
    deadline: datetime | None = None
    not_before: datetime | None = None
    submitted_at: datetime | None = None
    """When the caller sent it, if that is known; otherwise the ledger's first sight of it."""
    parent_id: UUID | None = None


def documents(submissions: Sequence[Submission]) -> str:
    """Give submissions as one JSON text: a batch of any size is one parameter."""
    return json.dumps([vars(submission) for submission in submissions], default=str)


@dataclass(frozen=True)
class Claimed:
    """The job is the caller's to run, until the lease ends."""

    attempt: int
    fence: int


@dataclass(frozen=True)
class Finished:
    """The job has ended; there is nothing to run."""

    state: State
    reason: str | None
    result: str | None
    error: str | None


@dataclass(frozen=True)
class Held:
    """Another worker runs the job, or its shards do (then there is no worker and no lease)."""

    worker: str | None
    lease_until: datetime | None


@dataclass(frozen=True)
class Conflict:
    """The id belongs to a different request."""


Claim = Claimed | Finished | Held | Conflict


@dataclass(frozen=True, kw_only=True)
class JobSummary:
    """A job without its documents."""

    id: UUID
    parent_id: UUID | None
    task: str
    tenant: str
    queue: str
    priority: str
    state: State
    reason: str | None
    attempt: int
    fence: int
    request_hash: str
    worker: str | None
    """Who runs it, or ran it last."""
    versions: str | None
    lease_until: datetime | None
    not_before: datetime | None
    deadline: datetime | None
    accepted_at: datetime
    started_at: datetime | None
    """When a worker first took it."""
    claimed_at: datetime | None
    """When this attempt began."""
    finished_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Job(JobSummary):
    """A job with its documents; request, expected, result and error are JSON texts."""

    headers: dict[str, str]
    request: str
    expected: str | None
    result: str | None
    error: str | None


class Happening(StrEnum):
    """What an event says about its job."""

    ACCEPTED = "accepted"
    RESENT = "resent"
    RUNNING = "running"
    RETRYING = "retrying"
    DELEGATED = "delegated"
    MERGING = "merging"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a job; written once, never changed."""

    id: int
    job_id: UUID
    at: datetime
    kind: Happening
    attempt: int
    detail: dict[str, Any] | None


class Trouble(StrEnum):
    """Why the reconciler should look at a job."""

    UNCLAIMED = "unclaimed"
    """Accepted a while ago and not taken: queued still, or its message is lost."""
    LEASE_ENDED = "lease_ended"
    """Its worker stopped renewing the lease; the next claim takes it over."""
    SHARDS_SILENT = "shards_silent"
    """Delegated, and no shard was accepted, ran or finished lately: lost, or the merge is."""


@dataclass(frozen=True, kw_only=True)
class StaleJob:
    """A job of which nothing has been heard for too long."""

    submission: Submission
    trouble: Trouble
    state: State
    attempt: int
    fence: int
    worker: str | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class TaskStatistics:
    """How the jobs of one task fared that ended in a window of time."""

    task: str
    window_start: datetime
    window_end: datetime
    succeeded: int
    failed: int
    cancelled: int
    attempts: int
    wait_p50_seconds: float | None
    wait_p95_seconds: float | None
    run_p50_seconds: float | None
    run_p95_seconds: float | None
