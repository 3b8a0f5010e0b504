"""`fleet acl`: who may do what in Redis and Postgres, as text for their administrators."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from queues import redis_access
from queues.ledger import roles
from queues.names import Queue
from workers.cli.failure import CommandMisused
from workers.cli.printing import aside

_SHORTEST_PASSWORD = 16


class Format(StrEnum):
    """How the rules of Redis are written."""

    ACLFILE = "aclfile"
    COMMANDS = "commands"


def _password_file(whose: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        help=f"A file with the password of {whose}; only a hash of it is printed."
    )
    return option


BackendPassword = Annotated[Path | None, _password_file("backends")]
WorkerPassword = Annotated[Path | None, _password_file("workers, beat, Flower and gateway")]
ReadonlyPassword = Annotated[Path | None, _password_file("whoever only watches")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(
        help="Who may do what, as rules for Redis and Postgres.", no_args_is_help=True
    )
    group.command()(redis)
    group.command()(postgres)
    app.add_typer(group, name="acl")


def redis(
    format_: Annotated[
        Format, typer.Option("--format", help="For the server's aclfile, or for redis-cli.")
    ] = Format.ACLFILE,
    queue: Annotated[
        list[Queue] | None,
        typer.Option(help="Where backends may send to; all unless given."),
    ] = None,
    backend_password_file: BackendPassword = None,
    worker_password_file: WorkerPassword = None,
    readonly_password_file: ReadonlyPassword = None,
) -> None:
    """Print the users of Redis 7 and what they may do; the default user is switched off."""
    users = [
        redis_access.backend(queue or tuple(Queue)),
        redis_access.worker(),
        redis_access.readonly(),
    ]
    passwords = _passwords(
        {
            redis_access.BACKEND: backend_password_file,
            redis_access.WORKER: worker_password_file,
            redis_access.READONLY: readonly_password_file,
        }
    )
    write = redis_access.acl_file if format_ is Format.ACLFILE else redis_access.acl_commands
    for line in write(users, passwords):
        print(line)


def postgres(
    backend_password_file: BackendPassword = None,
    worker_password_file: WorkerPassword = None,
    readonly_password_file: ReadonlyPassword = None,
) -> None:
    """Print the roles of Postgres and their grants, as SQL for the owner of the tables."""
    passwords = _passwords(
        {
            roles.BACKEND: backend_password_file,
            roles.WORKER: worker_password_file,
            roles.READONLY: readonly_password_file,
        }
    )
    print("BEGIN;")
    for statement in roles.roles_sql(passwords):
        print(statement)
    print("COMMIT;")


def _passwords(files: Mapping[str, Path | None]) -> dict[str, str]:
    """Read the passwords that were given, and say on stderr which were not."""
    passwords = {name: _password(file) for name, file in files.items() if file is not None}
    for name in files.keys() - passwords.keys():
        # Not among the rules: an aclfile takes no comments.
        aside.print(f"{name}: no password given, so none is set here", soft_wrap=True)
    return passwords


def _password(file: Path) -> str:
    try:
        password = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandMisused(f"{file}: expected a text file, received {error}") from error
    # What is printed may be read by many, and a hash that is quick to make is quick to guess.
    if len(password) < _SHORTEST_PASSWORD or not password.isascii() or not password.isprintable():
        expected = f"{_SHORTEST_PASSWORD} or more printable ASCII characters on one line"
        raise CommandMisused(f"{file}: expected {expected}, received another text (not shown)")
    return password
