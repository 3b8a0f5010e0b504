"""`fleet watch`, `cancel`, `jobs` and `show`: what becomes of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from queues.cancellation import request_cancellation
from queues.ledger import Event, Job, JobSummary, State
from queues.ledger.audit import Action
from workers.cli.connection import connection
from workers.cli.failure import CommandFailed
from workers.cli.following import follow_to_the_end
from workers.cli.outcome import explanation, print_result, show_outcome
from workers.cli.printing import (
    AsJson,
    console,
    print_fields,
    print_json,
    print_table,
    record,
)

JobId = Annotated[UUID, typer.Argument(help="The job's id.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(watch)
    app.command()(cancel)
    app.command()(jobs)
    app.command()(show)


def watch(job_id: JobId, as_json: AsJson = False) -> None:
    """Follow a job to its end and print its result."""
    show_outcome(follow_to_the_end(connection(), job_id, as_json=as_json), as_json=as_json)


def cancel(
    job_id: JobId,
    reason: Annotated[str, typer.Option(help="Why; the job's error says it.")] = "by fleet cancel",
) -> None:
    """Ask that a job end, whether it waits or runs."""
    fleet = connection()
    job = fleet.ledger.get(job_id)
    if job is not None and job.state.is_final:
        verb = "is" if job.state is State.CANCELLED else "has"
        raise CommandFailed(f"job {job_id} {verb} already {job.state}")
    # Asked even for an unknown one: a plain Celery client's job is unknown until a worker has it.
    tenant = None if job is None else job.tenant
    with fleet.recorded(Action.CANCEL, tenant=tenant, job_id=job_id, detail={"reason": reason}):
        request_cancellation(fleet.redis, str(job_id), reason)
    if job is None and not fleet.was_sent(job_id):
        raise CommandFailed(f"no job {job_id} is known here; should it come, it is cancelled")
    console.print(f"asked job {job_id} to end")


def jobs(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    task: Annotated[str | None, typer.Option(help="Only those of this task.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, the latest first."""
    found = connection().ledger.jobs(state=state, task=task, tenant=tenant, limit=limit)
    if as_json:
        print_json([record(job) for job in found])
        return
    columns: dict[str, list[object]] = {
        "job": [job.id for job in found],
        "task": [job.task for job in found],
        "state": [job.state for job in found],
        "at": [_when(job.accepted_at) for job in found],
        "seconds": [_seconds(job) for job in found],
        "reason": [job.reason for job in found],
        "tenant": [job.tenant for job in found],
        "attempt": [job.attempt for job in found],
    }
    if console.is_terminal:
        columns = _worth_the_room(columns, known={"state": state, "task": task, "tenant": tenant})
    print_table(list(columns), list(zip(*columns.values(), strict=True)), spare=len(columns) - 1)


def show(job_id: JobId, as_json: AsJson = False) -> None:
    """Show a job's row in the ledger, what happened to it, and how it ended."""
    fleet = connection()
    job = fleet.ledger.get(job_id)
    if job is None:
        standing = "waits for a worker" if fleet.was_sent(job_id) else "is not known here"
        raise CommandFailed(f"job {job_id} {standing}")
    events = fleet.ledger.events(job_id)
    shards = fleet.ledger.children(job_id)
    if as_json:
        extra = {"events": [record(event) for event in events], "shards": len(shards)}
        print_json(record(job) | extra)
        return
    print_ledger_row(job)
    print_events(events)
    if shards:
        console.print(f"\n{len(shards)} shards")
    if job.result is not None:
        console.print()
        print_result(job)
    if job.error is not None:
        console.print(f"\n{explanation(job)}", markup=False)


def print_ledger_row(job: Job) -> None:
    """Print what the ledger says of a job, its documents aside."""
    print_fields({field.name: getattr(job, field.name) for field in fields(JobSummary)})


def print_events(events: list[Event]) -> None:
    """Print what happened to a job, in order."""
    console.print()
    print_table(
        ("at", "event", "attempt", "detail"),
        ((event.at, event.kind, event.attempt, _detail(event)) for event in events),
    )


def _detail(event: Event) -> str:
    detail = event.detail or {}
    return ", ".join(f"{name} {value}" for name, value in detail.items() if value is not None)


def _worth_the_room(
    columns: Mapping[str, list[object]], *, known: Mapping[str, str | None]
) -> dict[str, list[object]]:
    """Leave out what was asked for or says nothing; among failed jobs the reason comes first."""
    told = {name: cells for name, cells in columns.items() if known.get(name) is None}
    reasons = told.pop("reason")
    if not any(reasons):
        return told
    if known["state"] is None:
        return told | {"reason": reasons}
    return {"job": told.pop("job"), "reason": reasons, **told}


def _when(moment: datetime) -> datetime | str:
    """Give a moment as shortly as a terminal wants it, and whole to a pipe."""
    if not console.is_terminal:
        return moment
    local = moment.astimezone()
    is_today = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M" if is_today else "%m-%d")


def _seconds(job: JobSummary) -> str | None:
    if job.claimed_at is None or job.finished_at is None:
        return None
    return f"{(job.finished_at - job.claimed_at).total_seconds():.3f}"
