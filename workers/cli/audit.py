"""`fleet audit`: who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from queues.ledger.audit import Action, AuditEvent, AuditTrail
from workers.cli.connection import connection
from workers.cli.printing import AsJson, has_room_for, print_json, print_table, record


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(audit)


def audit(
    tenant: Annotated[str | None, typer.Option(help="Only what concerns this tenant.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
            help="Only what was done then or later; local time unless it says otherwise.",
        ),
    ] = None,
    action: Annotated[Action | None, typer.Option(help="Only acts of this kind.")] = None,
    job: Annotated[UUID | None, typer.Option(help="Only what concerns this job.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who submitted, cancelled, replayed, scheduled, and what became of it; latest first."""
    found = AuditTrail(connection().ledger.engine).events(
        tenant=tenant,
        since=None if since is None else since.astimezone(),
        action=action,
        job_id=job,
        limit=limit,
    )
    if as_json:
        print_json([record(event) for event in found])
        return
    columns = ("at", "action", "tenant", "actor", "job", "detail")
    rows = [
        (each.at, each.action, each.tenant, each.actor, each.job_id, _detail(each))
        for each in found
    ]
    if has_room_for(columns, rows):
        print_table(columns, rows)
    else:  # an id that is cut in two cannot be copied
        stacked = [(*row[:3], "\n".join(str(cell) for cell in row[3:] if cell)) for row in rows]
        print_table(("at", "action", "tenant", "actor, job, detail"), stacked)


def _detail(event: AuditEvent) -> str:
    detail = event.detail or {}
    shown = {name: value for name, value in detail.items() if value not in (None, event.actor)}
    return ", ".join(f"{name} {value}" for name, value in shown.items())
