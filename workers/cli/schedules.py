"""`fleet schedules`: jobs that are sent by the clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.progress import unreported
from queues.ledger import schedules as ledger
from queues.ledger.audit import Action
from queues.message import DEFAULT_TENANT
from queues.names import Priority
from queues.schedule import Missed
from workers.cli.connection import Connection, connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import AsJson, console, print_fields, print_json, print_table
from workers.cli.request_file import RequestFile, request_in
from workers.cli.task_names import declared

if TYPE_CHECKING:
    from tasks.declaration import Declaration
    from tasks.fleet.schedule_state import ScheduleState

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
    from workers.schedules.shown import state_of

    found = ledger.listed(connection().ledger.engine, tenant=tenant)
    states = [(schedule.tenant, state_of(schedule)) for schedule in found]
    if as_json:
        print_json([{"tenant": of, **_json(state)} for of, state in states])
        return
    print_table(
        ("schedule", "tenant", "task", "when", "next"),
        [(state.name, of, state.task, _when(state), _next(state)) for of, state in states],
    )


def show(name: Name, tenant: Tenant = DEFAULT_TENANT, as_json: AsJson = False) -> None:
    """Show a schedule, with its next runs and the request that it sends."""
    from workers.schedules.shown import state_of

    schedule = ledger.find(connection().ledger.engine, tenant, name)
    if schedule is None:
        raise _unknown(name, tenant)
    state, request = state_of(schedule), json.loads(schedule.request)
    if as_json:
        print_json({"tenant": tenant, **_json(state), "request": request})
        return
    print_fields(
        {
            "schedule": name,
            "tenant": tenant,
            "task": state.task,
            "when": _when(state),
            "missed": state.missed,
            "priority": state.priority,
            "next": _next(state),
            "then": ", ".join(_local(run) for run in state.next_runs[1:]) or None,
            "changed": state.updated_at,
            "request": schedule.request,
        }
    )
