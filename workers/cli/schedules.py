"""`fleet schedules`: jobs that are sent by the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.progress import unreported
from queues.ledger import schedules as ledger
from queues.ledger.audit import Action
from queues.message import DEFAULT_TENANT
from queues.names import Priority, is_tenant
from queues.schedule import Missed, Schedule
from tasks.fleet.schedule_state import ScheduleState
from workers.cli.connection import connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import AsJson, console, print_fields, print_json, print_table
from workers.cli.request_file import RequestFile, request_in
from workers.cli.task_names import declared

if TYPE_CHECKING:
    from tasks.declaration import Declaration

Name = Annotated[str, typer.Argument(help="The schedule's name.")]
Tenant = Annotated[str, typer.Option(help="Whose schedule it is.")]

# Modules that load Celery, NumPy and numba are imported where they are used: it takes a second.


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="Jobs that are sent by the clock.", no_args_is_help=True)
    group.command("list")(list_schedules)
    group.command()(show)
    group.command()(add)
    group.command()(pause)
    group.command()(resume)
    group.command()(remove)
    app.add_typer(group, name="schedules")


def list_schedules(
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the schedules, by tenant and name."""
    found = ledger.listed(connection().ledger.engine, tenant=tenant)
    if as_json:
        print_json([_record(schedule) for schedule in found])
        return
    rows = [(schedule.tenant, _state(schedule)) for schedule in found]
    print_table(
        ("schedule", "tenant", "task", "when", "next"),
        [
            (state.name, owner, state.task, _when(state), next(iter(state.next_runs), "paused"))
            for owner, state in rows
        ],
    )


def show(name: Name, tenant: Tenant = DEFAULT_TENANT, as_json: AsJson = False) -> None:
    """Show a schedule with its next runs, in local time, and the request that it sends."""
    schedule = ledger.find(connection().ledger.engine, tenant, name)
    if schedule is None:
        raise CommandFailed(f"tenant {tenant} has no schedule {name}")
    if as_json:
        print_json(_record(schedule) | {"request": json.loads(schedule.request)})
        return
    state = _state(schedule)
    print_fields(
        {
            "schedule": name,
            "tenant": tenant,
            "task": state.task,
            "when": _when(state),
            "missed": state.missed.value,
            "priority": state.priority.value,
            "next": _next(state),
            "then": ", ".join(_local(run) for run in state.next_runs[1:]) or None,
            "changed": _local(state.updated_at),
            "request": schedule.request,
        }
    )


def add(
    name: Name,
    task: Annotated[str, typer.Argument(help="The task's name; `fleet tasks` lists them.")],
    request: RequestFile,
    every: Annotated[float | None, typer.Option(help="Seconds from one job to the next.")] = None,
    cron: Annotated[str | None, typer.Option(help="Five fields: '30 6 * * 1-5'.")] = None,
    time_zone: Annotated[
        str, typer.Option(help="Whose clocks --cron means, as Europe/Berlin.")
    ] = "UTC",
    missed: Annotated[
        Missed, typer.Option(help="What becomes of runs while no beat ran: none, or one late.")
    ] = Missed.RUN_ONCE,
    tenant: Tenant = DEFAULT_TENANT,
    priority: Annotated[Priority, typer.Option()] = Priority.NORMAL,
) -> None:
    """Send a job every so often, or by a cron expression; a schedule of that name is changed."""
    from tasks.fleet.put_schedule import put_schedule

    asked = {
        "name": name,
        "task": task,
        "request": request_in(request, declared(task)),
        "everySeconds": every,
        "cron": cron,
        "timeZone": time_zone,
        "missed": missed.value,
        "priority": priority.value,
    }
    state = _run(put_schedule, asked, tenant=tenant, action=Action.PUT_SCHEDULE)
    console.print(f"{name} is scheduled; next: {_next(state)}", markup=False)


def pause(name: Name, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Stop sending a schedule's jobs, and keep the schedule."""
    from tasks.fleet.pause_schedule import pause_schedule

    _run(pause_schedule, {"name": name}, tenant=tenant, action=Action.PAUSE_SCHEDULE)
    console.print(f"{name} is paused", markup=False)


def resume(name: Name, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Send a paused schedule's jobs again."""
    from tasks.fleet.resume_schedule import resume_schedule

    state = _run(resume_schedule, {"name": name}, tenant=tenant, action=Action.RESUME_SCHEDULE)
    console.print(f"{name} is resumed; next: {_next(state)}", markup=False)


def remove(name: Name, tenant: Tenant = DEFAULT_TENANT) -> None:
    """Forget a schedule; jobs it has sent go on."""
    from tasks.fleet.remove_schedule import remove_schedule

    done = _run(remove_schedule, {"name": name}, tenant=tenant, action=Action.REMOVE_SCHEDULE)
    if not done.removed:
        raise CommandFailed(f"tenant {tenant} has no schedule {name}")
    console.print(f"{name} is removed", markup=False)


def _run(declaration: Declaration, asked: Mapping[str, Any], *, tenant: str, action: Action) -> Any:
    """Do in this process what a worker does when a tenant asks for a task about schedules."""
    from workers.failure import InvalidRequest, JobFailed, error_of
    from workers.intake import size_of
    from workers.schedules.book import TenantSchedules
    from workers.schedules.entries import Entries

    if not is_tenant(tenant):
        expected = "1 to 64 letters, digits, dots, underscores or dashes"
        raise CommandMisused(f"tenant: expected {expected}, got {tenant!r}")
    size, limit = size_of(asked), declaration.terms.max_request_bytes
    if size > limit:
        raise CommandMisused(f"a schedule and its request have {size} bytes, the limit is {limit}")
    fleet = connection()
    book = TenantSchedules(tenant, fleet.ledger, Entries(fleet.redis))
    try:
        request = declaration.request.model_validate_json(json.dumps(asked))
        with fleet.recorded(action, tenant=tenant, detail={"schedule": asked["name"]}):
            return declaration(request, schedules=book, progress=unreported)
    except ValidationError as error:
        refused = error_of(InvalidRequest(error))
    except (InvalidInput, JobFailed) as error:
        refused = error_of(error)
    raise CommandMisused(
        "\n".join(
            f"{each.field}: expected {each.expected}, received {each.received}"
            for each in refused.fields
        )
    )


def _state(schedule: Schedule) -> ScheduleState:
    return ScheduleState.of(schedule, now=datetime.now(UTC))


def _record(schedule: Schedule) -> dict[str, Any]:
    return {"tenant": schedule.tenant, **_state(schedule).model_dump(mode="json")}


def _when(state: ScheduleState) -> str:
    return f"{state.cron} {state.time_zone}" if state.cron else f"every {state.every_seconds:g} s"


def _next(state: ScheduleState) -> str:
    return _local(state.next_runs[0]) if state.next_runs else "paused"


def _local(moment: datetime) -> str:
    return moment.astimezone().isoformat(" ", "seconds")
