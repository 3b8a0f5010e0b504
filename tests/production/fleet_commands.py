"""Whether the `fleet` command understands a command line, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
import typer.main

from workers.cli import app

_Refused: Any = typer.BadParameter.__base__
"""What any mistake in a command line is; typer exports only this kind of it."""


def is_name(words: Sequence[str]) -> bool:
    """Tell whether this names a command, or a group of commands."""
    command: Any = typer.main.get_command(app)
    for word in words[1:]:
        command = getattr(command, "commands", {}).get(word)
    return command is not None


def misunderstood(words: Sequence[str]) -> str | None:
    """Say what is wrong with `fleet ...`: a command, an option or an argument; None if nothing."""
    assert words[0] == "fleet"
    command: Any = typer.main.get_command(app)
    context, rest = None, list(words[1:])
    while hasattr(command, "commands"):
        name = rest.pop(0) if rest else ""
        if name not in command.commands:
            return f"{' '.join(words)}: there is no command {name!r}"
        context = typer.Context(command, info_name="fleet", parent=context)
        command = command.commands[name]
    try:
        command.make_context(command.name, rest, parent=context)
    except _Refused as error:
        return f"{' '.join(words)}: {error.format_message()}"
    return None
