"""The log of a fleet is one text of lines, each with the name of who wrote it."""

from __future__ import annotations

import io

from rich.console import Console

from workers.supervisor.console import PrefixedLog


def _written(*, is_terminal: bool) -> str:
    text = io.StringIO()
    colours = "standard" if is_terminal else "auto"
    say = PrefixedLog(Console(file=text, force_terminal=is_terminal, color_system=colours))
    say("cpu", "\x1b[32mready\x1b[0m [1/2]")
    say("housekeeping", "x" * 200)
    return text.getvalue()


def test_a_file_gets_plain_lines() -> None:
    """Without a terminal there is no colour, no markup and no folding."""
    assert _written(is_terminal=False).splitlines() == [
        "cpu          | ready [1/2]",
        f"housekeeping | {'x' * 200}",
    ]


def test_a_terminal_gets_colours() -> None:
    """On a terminal the names and what programs coloured themselves are in colour."""
    assert "\x1b[36mcpu          | \x1b[0m\x1b[32mready\x1b[0m" in _written(is_terminal=True)
