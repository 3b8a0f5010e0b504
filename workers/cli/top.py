"""`fleet top`: the fleet as it is now, and now, and now."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Annotated, Any

import typer
from redis import Redis
from rich.live import Live

from queues.ledger import Ledger
from queues.redis_connection import connect
from workers.cli.connection import connection
from workers.cli.glance import Glance, Records, look
from workers.cli.glance_page import page
from workers.cli.printing import AsJson, console, print_json, record

_PATIENCE_SECONDS = 2


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(top)


def top(
    every: Annotated[
        float, typer.Option(min=0.2, max=3600, help="Seconds between two looks.")
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show stores, pools, queues and running jobs, live. Ctrl-C ends it."""
    fleet = connection()
    redis = connect(fleet.redis_url, patience_seconds=_PATIENCE_SECONDS)
    if as_json:
        print_json(_document(look(redis, fleet.ledger)))
    elif once or not console.is_terminal:
        console.print(page(look(redis, fleet.ledger), width=console.width, height=None))
    else:
        with suppress(KeyboardInterrupt):
            _live(redis, fleet.ledger, every)


def _live(redis: Redis, ledger: Ledger, every: float) -> None:
    with Live(console=console, screen=True, auto_refresh=False) as screen:
        while True:
            glance = look(redis, ledger)
            screen.update(page(glance, width=console.width, height=console.height), refresh=True)
            time.sleep(every)


def _document(glance: Glance) -> dict[str, Any]:
    """Give a glance as JSON has it; a store that is away is null, and says why."""
    found: dict[str, Any] = {"at": glance.at, "redis": None, "ledger": None, "problems": {}}
    if isinstance(glance.traffic, str):
        found["problems"]["redis"] = glance.traffic
    else:
        found["redis"] = record(glance.traffic) | {
            "waiting": [
                {"queue": queue, "priority": priority, "messages": count}
                for (queue, priority), count in glance.traffic.waiting.items()
            ],
            "workers": [worker.model_dump() for worker in glance.traffic.workers],
        }
    if isinstance(glance.records, Records):
        seen = glance.records
        found["ledger"] = record(seen.overview) | {
            "standings": [record(each) for each in seen.overview.standings],
            "lately": [record(each) for each in seen.lately],
            "running": [record(each) for each in seen.running],
        }
    else:
        found["problems"]["ledger"] = glance.records
    return found
