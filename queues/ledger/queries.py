"""What can be asked of the ledger, newest first where it is a list for people."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Interval,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
    tuple_,
)

from queues.ledger.records import (
    Event,
    Happening,
    Job,
    JobSummary,
    StaleJob,
    State,
    Submission,
    TaskStatistics,
    Trouble,
)
from queues.ledger.schema import job, job_event, task_statistics

_SUMMARY = [job.c[field.name] for field in fields(JobSummary)]
# Documents are handed on as the texts that came.
_DOCUMENTS = [
    cast(job.c[name], Text).label(name) for name in ("request", "expected", "result", "error")
]
_WHOLE = [*_SUMMARY, job.c.headers, *_DOCUMENTS]


def get(connection: Connection, job_id: UUID) -> Job | None:
    """Give a job with its documents."""
    row = connection.execute(select(*_WHOLE).where(job.c.id == job_id)).first()
    return None if row is None else _job(row._asdict())


def children(connection: Connection, job_id: UUID) -> list[Job]:
    """Give a job's shards of all attempts, the first accepted first."""
    query = select(*_WHOLE).where(job.c.parent_id == job_id)
    query = query.order_by(job.c.accepted_at, job.c.id)
    return [_job(row._asdict()) for row in connection.execute(query)]


def jobs(
    connection: Connection,
    *,
    state: State | None,
    task: str | None,
    tenant: str | None,
    since: datetime | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
    parents_only: bool,
) -> list[JobSummary]:
    """Give jobs, the latest accepted first; those behind one, by its time and id, to go on."""
    wanted = {job.c.state: state, job.c.task: task, job.c.tenant: tenant}
    query = select(*_SUMMARY).order_by(job.c.accepted_at.desc(), job.c.id.desc()).limit(limit)
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if since is not None:
        query = query.where(job.c.accepted_at >= since)
    if before is not None:
        query = query.where(tuple_(job.c.accepted_at, job.c.id) < tuple_(*before))
    if parents_only:
        query = query.where(job.c.parent_id.is_(None))
    return [_summary(row._asdict()) for row in connection.execute(query)]


def events(connection: Connection, job_id: UUID) -> list[Event]:
    """Give what happened to a job, in order."""
    query = select(job_event).where(job_event.c.job_id == job_id).order_by(job_event.c.id)
    return [_event(row._asdict()) for row in connection.execute(query)]


def statistics(
    connection: Connection, *, since: datetime, task: str | None = None
) -> list[TaskStatistics]:
    """Give the roll-ups of windows that began at `since` or later, by window and task."""
    query = select(task_statistics).where(task_statistics.c.window_start >= since)
    if task is not None:
        query = query.where(task_statistics.c.task == task)
    query = query.order_by(task_statistics.c.window_start, task_statistics.c.task)
    return [TaskStatistics(**row._asdict()) for row in connection.execute(query)]


def stale(connection: Connection, *, older_than: timedelta, limit: int) -> list[StaleJob]:
    """Give the jobs of which nothing was heard for so long: those that wait, then those that run.

    Of either the quietest come first. Shards are not listed: their parent is, once the last of
    them fell silent.
    """
    before = func.now() - bindparam("older_than", older_than, Interval)
    trouble = case(
        (job.c.state == State.ACCEPTED, Trouble.UNCLAIMED.value),
        (job.c.lease_until.is_not(None), Trouble.LEASE_ENDED.value),
        else_=Trouble.SHARDS_SILENT.value,
    )
    query = (
        select(*_WHOLE, trouble.label("trouble"))
        .where(
            job.c.parent_id.is_(None),
            job.c.finished_at.is_(None),
            job.c.state.in_([State.ACCEPTED, State.RUNNING]),
            # greatest() leaves nulls out: a job without a lease is as old as its last change.
            func.greatest(job.c.updated_at, job.c.not_before, job.c.lease_until) < before,
            job.c.updated_at < before,
            ~_has_lively_shard(before),
        )
        # As in the index: a batch of those that wait must not cost a look at all of them.
        .order_by(job.c.state, job.c.updated_at)
        .limit(limit)
    )
    return [_stale_job(row._asdict()) for row in connection.execute(query)]


def _has_lively_shard(before: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Say whether a shard was accepted, leased or finished since then."""
    shard = job.alias("shard")
    return exists(
        select(shard.c.id).where(
            shard.c.parent_id == job.c.id,
            func.greatest(shard.c.updated_at, shard.c.lease_until) >= before,
        )
    )


def _job(row: dict[str, Any]) -> Job:
    return Job(**{**row, "state": State(row["state"])})


def _summary(row: dict[str, Any]) -> JobSummary:
    return JobSummary(**{**row, "state": State(row["state"])})


def _event(row: dict[str, Any]) -> Event:
    return Event(**{**row, "kind": Happening(row["kind"])})


def _stale_job(row: dict[str, Any]) -> StaleJob:
    asked = {field.name: row[field.name] for field in fields(Submission) if field.name in row}
    return StaleJob(
        submission=Submission(**asked, submitted_at=row["accepted_at"]),
        trouble=Trouble(row["trouble"]),
        state=State(row["state"]),
        attempt=row["attempt"],
        fence=row["fence"],
        worker=row["worker"],
        updated_at=row["updated_at"],
    )
