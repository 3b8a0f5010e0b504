"""`fleet contract`: the files that clients in other languages are generated from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import workers
from workers.cli.failure import CommandFailed
from workers.cli.printing import console


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(contract)


def contract(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail if outdated.")
    ] = False,
) -> None:
    """Write the contract with clients, or check that it is up to date."""
    from workers import contract as files  # here: it loads NumPy and numba

    root = Path(workers.__file__).parents[1]
    if not check:
        files.write(root)
        console.print(f"wrote {files.FOLDER}")
    elif outdated := files.differences(root):
        raise CommandFailed(f"outdated: {', '.join(outdated)}; run `fleet contract`")
    else:
        console.print(f"{files.FOLDER} is up to date")
