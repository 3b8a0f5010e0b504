"""`fleet contract`: the files that are made from the code, for clients and for readers."""

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
    """Write the contract with clients and the reference in docs, or check that they are current."""
    from workers import contract, reference  # here: they load NumPy and numba

    root = Path(workers.__file__).parents[1]
    if not check:
        contract.write(root)
        reference.write(root)
        console.print(f"wrote {contract.FOLDER} and the reference in docs")
    elif outdated := contract.differences(root) + reference.differences(root):
        raise CommandFailed(f"outdated: {', '.join(outdated)}; run `fleet contract`")
    else:
        console.print(f"{contract.FOLDER} and the reference in docs are up to date")
