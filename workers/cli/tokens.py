"""`fleet tokens`: who may act for a tenant over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from queues.ledger.audit import Action
from queues.ledger.tokens import AccessTokens
from queues.names import is_tenant
from workers.cli.connection import Connection, connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import AsJson, aside, console, print_json, print_table, record


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="Who may act for a tenant over HTTP.", no_args_is_help=True)
    group.command()(create)
    group.command("list")(list_tokens)
    group.command()(revoke)
    app.add_typer(group, name="tokens")


def create(
    tenant: Annotated[str, typer.Argument(help="Whose jobs its bearer submits and sees.")],
    name: Annotated[str, typer.Option(help="What it is for; shown in lists.")],
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Good for so long; for ever unless given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    if not is_tenant(tenant):
        raise CommandMisused(
            f"TENANT: expected 1 to 64 letters, digits, dots, underscores or dashes, got {tenant!r}"
        )
    fleet = connection()
    lifetime = None if expires_days is None else timedelta(days=expires_days)
    with fleet.recorded(Action.CREATE_TOKEN, tenant=tenant, detail={"name": name}):
        token, text = _tokens(fleet).create(tenant=tenant, name=name, lifetime=lifetime)
    if as_json:
        print_json({**record(token), "token": text})
        return
    print(text)
    aside.print(f"token {token.id} of {tenant}; it is not shown again", markup=False)


def list_tokens(
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the tokens, ended ones included; what they read is not known here."""
    found = _tokens(connection()).listed(tenant=tenant)
    if as_json:
        print_json([record(token) for token in found])
        return
    print_table(
        ("token", "tenant", "name", "good until", "last used", "created"),
        (
            (
                token.id,
                token.tenant,
                token.name,
                "revoked" if token.revoked_at else token.expires_at or "for ever",
                token.last_used_at or "never",
                token.created_at,
            )
            for token in found
        ),
        spare=1,
    )


def revoke(token_id: Annotated[UUID, typer.Argument(help="The token's id, as listed.")]) -> None:
    """End a token for ever; gateways forget it within seconds."""
    fleet = connection()
    with fleet.recorded(Action.REVOKE_TOKEN, detail={"token": str(token_id)}):
        token = _tokens(fleet).revoke(token_id)
        if token is None:
            raise CommandFailed(f"there is no token {token_id}")
    console.print(f"token {token_id} of {token.tenant} is revoked", markup=False)


def _tokens(fleet: Connection) -> AccessTokens:
    return AccessTokens(fleet.ledger.engine)
