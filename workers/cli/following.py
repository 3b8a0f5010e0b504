"""Follow a job to its end, in front of a person or for a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from queues.events import JobEvent, Kind
from queues.ledger import Job
from workers.cli.connection import Connection
from workers.cli.failure import CommandFailed
from workers.cli.printing import aside, print_json


def follow_to_the_end(fleet: Connection, job_id: UUID, *, as_json: bool) -> Job:
    """Show what happens to a job until it has ended, and give it as the ledger has it."""
    if not fleet.was_sent(job_id) and fleet.ledger.get(job_id) is None:
        raise CommandFailed(f"no job {job_id} is known here")
    events = events_of(fleet, job_id)
    if as_json:
        for event in events:
            print_json(event.model_dump(mode="json"))
    else:
        show_events(events, aside)
    job = fleet.ledger.get(job_id)
    if job is None:
        raise CommandFailed(f"job {job_id} has ended, and the ledger does not know it")
    return job


def events_of(fleet: Connection, job_id: UUID) -> Iterator[JobEvent]:
    """Give the events of a job, from its first to its last.

    Events live for a day; of an older job, or one whose last event was lost, the ledger knows.
    """
    for _, event in fleet.events.follow(str(job_id)):
        if event is not None:
            yield event
        elif (job := fleet.ledger.get(job_id)) is not None and job.state.is_final:
            return


def show_events(events: Iterable[JobEvent], console: Console) -> JobEvent | None:
    """Show events as they come, as a bar or as lines; give the last one."""
    last = None
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=40),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0, message="")
        for event in events:
            last = event
            if event.fraction is not None:
                bar.update(task, completed=event.fraction)
            if event.kind is Kind.SUCCEEDED:
                bar.update(task, completed=1.0)
            message = event.error.message if event.error else event.message
            bar.update(task, description=event.kind.value, message=message)
            if not console.is_terminal:
                console.print(_line(event), markup=False, soft_wrap=True)
    return last


def _line(event: JobEvent) -> str:
    share = "" if event.fraction is None else f"{event.fraction:7.1%}"
    message = event.error.message if event.error else event.message
    return f"{event.kind.value:<10}{share:>8}  {message}".rstrip()
