"""A job as HTTP clients see it."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from queues.events import JobEvent, Kind, Timestamp
from queues.job_error import JobError
from queues.ledger import Job, JobSummary, State
from queues.names import Priority
from tasks.payload import Count, Payload


class JobLine(Payload):
    """A job, without what it gave."""

    id: UUID
    """The job's name for ever."""
    task: str
    """What was asked for."""
    state: State
    """Where it stands; the last three are for ever."""
    reason: str | None
    """Why it stands there, where the state does not say all."""
    attempt: Count
    """How often a worker has begun it."""
    priority: Priority
    """Which of the waiting jobs goes first."""
    accepted_at: Timestamp
    """When the fleet took it in."""
    not_before: Timestamp | None
    """It does not run before."""
    deadline: Timestamp | None
    """Its result is worthless after this."""
    started_at: Timestamp | None
    """When a worker first took it."""
    finished_at: Timestamp | None
    """When it ended."""


class JobProgress(Payload):
    """How far a running job is."""

    fraction: Annotated[float, Field(ge=0, le=1)]
    """How much of the work is done."""
    message: str
    """What the task says about it."""
    at: Timestamp
    """When it said so."""


class JobView(JobLine):
    """A job, with what it gave."""

    progress: JobProgress | None
    """While it runs, if the task tells."""
    result: Any
    """As the task declares it; null unless the job succeeded."""
    error: JobError | None
    """Why it failed or was cancelled."""


def job_line(job: JobSummary) -> JobLine:
    """Give a row of the ledger as a client sees it."""
    return JobLine(**_of_row(job))


def job_view(job: Job, last: JobEvent | None) -> JobView:
    """Give a job as a client sees it, with its last event if that is known."""
    return JobView(
        **_of_row(job),
        progress=_progress(last) if last and job.state is State.RUNNING else None,
        result=None if job.result is None else json.loads(job.result),
        error=job_error(job),
    )


def job_error(job: Job) -> JobError | None:
    """Give the error of a job that ended without a result."""
    return None if job.error is None else JobError.model_validate_json(job.error)


def _of_row(job: JobSummary) -> dict[str, Any]:
    row = {name: getattr(job, name) for name in JobLine.model_fields}
    return row | {"priority": Priority(job.priority)}


def _progress(last: JobEvent) -> JobProgress | None:
    if last.kind is not Kind.PROGRESS or last.fraction is None:
        return None
    return JobProgress(fraction=last.fraction, message=last.message, at=last.at)
