"""`fleet schedules`: jobs that are sent by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from queues.message import DEFAULT_TENANT
from queues.names import Priority
from workers.cli.connection import connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import AsJson, console, print_json, print_table, record
from workers.cli.request_file import RequestFile, request_in
from workers.cli.task_names import declared

if TYPE_CHECKING:
    from celery import Celery

Name = Annotated[str, typer.Argument(help="The schedule's name.")]

# Modules that load Celery, NumPy and numba are imported where they are used: it takes a second.


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="Jobs that are sent by the clock.", no_args_is_help=True)
    group.command("list")(list_schedules)
    group.command()(add)
    group.command()(pause)
    group.command()(resume)
    group.command()(remove)
    app.add_typer(group, name="schedules")


def list_schedules(as_json: AsJson = False) -> None:
    """List the schedules, by name."""
    from workers.schedule import schedules

    found = schedules(_app())
    if as_json:
        print_json([record(each) | {"every": _seconds(each.every)} for each in found])
        return
    print_table(
        ("schedule", "task", "tenant", "when", "next"),
        (
            (
                each.name,
                each.task,
                each.tenant,
                each.cron or f"every {each.every}",
                each.next_at if each.enabled else "paused",
            )
            for each in found
        ),
    )


def add(
    name: Name,
    task: Annotated[str, typer.Argument(help="The task's name; `fleet tasks` lists them.")],
    request: RequestFile,
    every: Annotated[float | None, typer.Option(help="Seconds from one job to the next.")] = None,
    cron: Annotated[str | None, typer.Option(help="Five fields, in UTC: '30 6 * * 1-5'.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose jobs they are.")] = DEFAULT_TENANT,
    priority: Annotated[Priority, typer.Option()] = Priority.NORMAL,
) -> None:
    """Send a job every so often, or by a cron expression; a schedule of that name is replaced."""
    from workers.schedule import InvalidSchedule, Schedule, add_schedule

    wanted = Schedule(
        name=name,
        task=task,
        request=request_in(request, declared(task)),
        every=None if every is None else timedelta(seconds=every),
        cron=cron,
        tenant=tenant,
        priority=priority,
    )
    try:
        add_schedule(_app(), wanted)
    except InvalidSchedule as error:
        raise CommandMisused(str(error)) from error
    console.print(f"{name} is scheduled", markup=False)


def pause(name: Name) -> None:
    """Stop sending a schedule's jobs, and keep the schedule."""
    _set_paused(name, paused=True)


def resume(name: Name) -> None:
    """Send a paused schedule's jobs again."""
    _set_paused(name, paused=False)


def remove(name: Name) -> None:
    """Forget a schedule; jobs it has sent go on."""
    from workers.schedule import remove_schedule

    try:
        remove_schedule(_app(), name)
    except KeyError as error:
        raise CommandFailed(f"there is no schedule {name}") from error
    console.print(f"{name} is removed", markup=False)


def _set_paused(name: str, *, paused: bool) -> None:
    from workers.schedule import pause_schedule

    try:
        pause_schedule(_app(), name, paused=paused)
    except KeyError as error:
        raise CommandFailed(f"there is no schedule {name}") from error
    console.print(f"{name} is {'paused' if paused else 'resumed'}", markup=False)


def _seconds(every: timedelta | None) -> float | None:
    return None if every is None else every.total_seconds()


def _app() -> Celery:
    connection()
    from workers.app import fleet_app

    return fleet_app()
