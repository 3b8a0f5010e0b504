"""`fleet tenants`: how much each tenant may have at once, and has."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from queues import tenant_limits
from queues.ledger.audit import Action
from queues.ledger.tenants import Tenant, Tenants
from queues.names import is_tenant
from queues.tenant_limits import Limits, Standing
from workers.cli.connection import Connection, connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import AsJson, console, print_fields, print_json, print_table

Name = Annotated[str, typer.Argument(help="The tenant's name.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="How much tenants may have at once.", no_args_is_help=True)
    group.command("set")(set_limits)
    group.command("list")(list_tenants)
    group.command()(show)
    group.command()(remove)
    app.add_typer(group, name="tenants")


def set_limits(
    name: Name,
    max_running: Annotated[
        int | None, typer.Option(min=0, help="Jobs in flight; the others wait. 0 is no limit.")
    ] = None,
    max_waiting: Annotated[
        int | None,
        typer.Option(min=0, help="Jobs waiting; more are refused for now. 0 is no limit."),
    ] = None,
) -> None:
    """Give a tenant limits of its own; one that is not named is what holds for every tenant."""
    if max_running is None and max_waiting is None:
        raise CommandMisused("expected --max-running, --max-waiting or both; `remove` takes both")
    if not is_tenant(name):
        raise CommandMisused(
            f"NAME: expected 1 to 64 letters, digits, dots, underscores or dashes, got {name!r}"
        )
    fleet = connection()
    limits = Limits(max_running=max_running, max_waiting=max_waiting)
    detail = {"maxRunning": max_running, "maxWaiting": max_waiting}
    with fleet.recorded(Action.SET_TENANT, tenant=name, detail=detail):
        Tenants(fleet.ledger.engine).put(name, max_running=max_running, max_waiting=max_waiting)
    tenant_limits.change(fleet.redis, name, limits)
    console.print(f"{name} may have {_in_words(limits)}", markup=False)


def list_tenants(as_json: AsJson = False) -> None:
    """List the tenants that have limits of their own, or jobs."""
    rows = _rows(connection())
    if as_json:
        print_json([_record(*row) for row in rows])
        return
    print_table(
        ("tenant", "running", "of at most", "waiting", "of at most"),
        (
            (
                name,
                standing.running,
                _most(limits.max_running if limits else None),
                standing.waiting,
                _most(limits.max_waiting if limits else None),
            )
            for name, limits, standing in rows
        ),
    )


def show(name: Name, as_json: AsJson = False) -> None:
    """Show one tenant's limits, and what it has."""
    found = {row[0]: row for row in _rows(connection())}
    row = found.get(name, (name, None, Standing()))
    if as_json:
        print_json(_record(*row))
    else:
        print_fields(_record(*row))


def remove(name: Name) -> None:
    """Let what holds for every tenant hold for this one."""
    fleet = connection()
    with fleet.recorded(Action.SET_TENANT, tenant=name):
        if not Tenants(fleet.ledger.engine).remove(name):
            raise CommandFailed(f"{name} has no limits of its own")
    tenant_limits.change(fleet.redis, name, Limits())
    console.print(f"{name} has no limits of its own any more", markup=False)


def _rows(fleet: Connection) -> list[tuple[str, Tenant | None, Standing]]:
    limited = {tenant.name: tenant for tenant in Tenants(fleet.ledger.engine).listed()}
    standings = tenant_limits.standings(fleet.redis, limited)
    return [(name, limited.get(name), standing) for name, standing in standings.items()]


def _record(name: str, limits: Tenant | None, standing: Standing) -> dict[str, Any]:
    return {
        "tenant": name,
        "running": standing.running,
        "maxRunning": limits and limits.max_running,
        "waiting": standing.waiting,
        "maxWaiting": limits and limits.max_waiting,
        "updatedAt": limits and limits.updated_at,
    }


def _most(limit: int | None) -> str:
    return "as every tenant" if limit is None else str(limit or "no limit")


def _in_words(limits: Limits) -> str:
    return f"in flight: {_most(limits.max_running)}, waiting: {_most(limits.max_waiting)}"
