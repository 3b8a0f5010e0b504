"""`fleet dead-letters`: messages that could not become jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from redis import Redis

from queues.dead_letters import DeadLetter, DeadLetters
from queues.ledger.audit import Action
from workers.cli.connection import Connection, connection
from workers.cli.failure import CommandFailed
from workers.cli.printing import AsJson, console, print_fields, print_json, print_table

LetterIds = Annotated[list[str], typer.Argument(help="As `fleet dead-letters list` shows them.")]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(help="Messages that could not become jobs.", no_args_is_help=True)
    group.command("list")(list_letters)
    group.command()(show)
    group.command()(replay)
    group.command()(drop)
    app.add_typer(group, name="dead-letters")


def list_letters(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20, as_json: AsJson = False
) -> None:
    """List dead letters, the latest first."""
    letters = _letters(connection()).newest(limit)
    if as_json:
        print_json([_summary(letter) for letter in letters])
        return
    print_table(
        ("letter", "at", "queue", "reason", "detail", "bytes"),
        (
            (
                letter.id,
                letter.at,
                _printable(letter.list_key),
                letter.reason,
                _printable(letter.detail),
                letter.size_bytes,
            )
            for letter in letters
        ),
    )


def show(letter_id: Annotated[str, typer.Argument()], as_json: AsJson = False) -> None:
    """Show one dead letter and the message itself."""
    letter = _letters(connection()).get(letter_id)
    if letter is None:
        raise CommandFailed(f"there is no dead letter {letter_id}")
    raw = letter.raw.decode(errors="backslashreplace")
    if as_json:
        print_json({**_summary(letter), "raw": raw})
        return
    print_fields(_summary(letter) | {"queue": _printable(letter.list_key)})
    console.print(f"\n{_printable(raw)}", markup=False, soft_wrap=True)


def replay(letter_ids: LetterIds) -> None:
    """Send messages again, to the queue they came from."""
    refused = "is gone, or only its beginning was kept"
    _each(letter_ids, DeadLetters.replay, Action.REPLAY, done="sent again", refused=refused)


def drop(letter_ids: LetterIds) -> None:
    """Forget dead letters."""
    _each(letter_ids, DeadLetters.drop, Action.DROP, done="dropped", refused="is gone")


def _each(
    letter_ids: list[str],
    act: Callable[[DeadLetters, str], bool],
    action: Action,
    *,
    done: str,
    refused: str,
) -> None:
    fleet, missed = connection(), []
    letters = _letters(fleet)
    for letter_id in letter_ids:
        try:
            with fleet.recorded(action, detail={"letter": letter_id}):
                _perform(act, letters, letter_id)
        except LookupError:
            missed.append(letter_id)
    console.print(f"{len(letter_ids) - len(missed)} {done}")
    if missed:
        raise CommandFailed("; ".join(f"{letter_id} {refused}" for letter_id in missed))


def _perform(act: Callable[[DeadLetters, str], bool], letters: DeadLetters, letter_id: str) -> None:
    if not act(letters, letter_id):
        raise LookupError(letter_id)


def _letters(fleet: Connection) -> DeadLetters:
    return DeadLetters(Redis.from_url(fleet.redis_url))


def _summary(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "at": letter.at,
        "queue": letter.list_key,
        "reason": letter.reason,
        "detail": letter.detail,
        "sizeBytes": letter.size_bytes,
        "isWhole": letter.is_whole,
    }


def _printable(text: str) -> str:
    """Escape what would steer a terminal."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
