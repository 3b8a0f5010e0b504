"""`fleet gateway`: the fleet over HTTP."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from workers.cli.connection import join_running_fleet
from workers.cli.failure import CommandFailed


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(gateway)


def gateway() -> None:
    """Serve the fleet over HTTP: submit, read, list, cancel, follow and fetch, by tokens."""
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        raise CommandFailed("the gateway needs more packages: pip install 'riskfleet[gateway]'")
    join_running_fleet()
    from workers.gateway.server import run_gateway  # it loads Celery and FastAPI

    run_gateway()
