"""`fleet submit`: send a job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

import typer

from queues.ledger.audit import Action
from queues.message import DEFAULT_TENANT, TaskMessage, UnreadableMessage
from queues.names import Priority
from queues.submission import SubmissionRegistry, Submitted
from workers.cli.connection import connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.following import follow_to_the_end
from workers.cli.outcome import show_outcome
from workers.cli.printing import AsJson, aside, print_json
from workers.cli.request_file import RequestFile, request_in
from workers.cli.task_names import declared


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(submit)


def submit(
    task: Annotated[str, typer.Argument(help="The task's name; `fleet tasks` lists them.")],
    request: RequestFile,
    watch: Annotated[bool, typer.Option(help="Follow the job and print its result.")] = False,
    job_id: Annotated[
        UUID | None, typer.Option("--id", help="The job's id; the same id is the same job.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="Whose job it is.")] = DEFAULT_TENANT,
    priority: Annotated[Priority, typer.Option()] = Priority.NORMAL,
    delay: Annotated[float, typer.Option(min=0, help="Seconds to wait before it runs.")] = 0,
    deadline: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ"],
            help="When its result is of no use any more.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send a job; print its id, or with --watch its result."""
    declaration = declared(task)
    message = TaskMessage(
        sent_at=datetime.now(UTC),
        task=task,
        job_id=str(job_id or uuid4()),
        queue=declaration.queue,
        request=request_in(request, declaration),
        tenant=tenant,
        priority=priority,
        not_before=datetime.now(UTC) + timedelta(seconds=delay) if delay else None,
        deadline=deadline,
        schema_hash=declaration.schema_hash,
        origin="fleet submit",
    )
    _check(message)
    fleet = connection()
    with fleet.recorded(
        Action.SUBMIT, tenant=tenant, job_id=UUID(message.job_id), detail={"task": task}
    ):
        submitted = SubmissionRegistry(fleet.redis).submit(message)
        if submitted is Submitted.CONFLICT:
            raise CommandFailed(f"id {message.job_id} already belongs to another request")
        if submitted is Submitted.OVER_QUOTA:
            raise CommandFailed(
                f"tenant {message.tenant} has as many jobs waiting as it may: submit again later"
            )
    if as_json:
        print_json({"jobId": message.job_id, "submitted": submitted})
    elif watch:
        aside.print(f"job {message.job_id}")
    else:
        print(message.job_id)
    if watch:
        job = follow_to_the_end(fleet, UUID(message.job_id), as_json=as_json)
        show_outcome(job, as_json=as_json)


def _check(message: TaskMessage) -> None:
    """Read a message as the fleet will, so that what it would put aside is refused here."""
    try:
        TaskMessage.from_wire(message.to_wire(), queue=message.queue, priority=message.priority)
    except UnreadableMessage as error:
        raise CommandMisused(error.detail.removeprefix("headers.")) from error
