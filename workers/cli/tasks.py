"""`fleet tasks`: what can be asked for."""

from __future__ import annotations

import typer

from workers.cli.printing import AsJson, print_json, print_table


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(tasks)


def tasks(as_json: AsJson = False) -> None:
    """List the tasks of the catalogue."""
    from tasks.catalogue import CATALOGUE  # here: it loads NumPy and numba

    if as_json:
        rows = [
            {
                "name": each.name,
                "queue": each.queue,
                "summary": each.summary,
                "schemaHash": each.schema_hash,
                "softLimitSeconds": each.terms.soft_limit.total_seconds(),
                "hardLimitSeconds": each.terms.hard_limit.total_seconds(),
                "attempts": each.terms.attempts,
                "maxRequestBytes": each.terms.max_request_bytes,
                "fansOut": each.fan_out is not None,
            }
            for each in CATALOGUE
        ]
        print_json(rows)
        return
    print_table(
        ("task", "", "queue", "time limit", "attempts"),
        [
            (each.name, each.summary, each.queue, each.terms.soft_limit, each.terms.attempts)
            for each in CATALOGUE
        ],
        spare=3,
    )
