"""How a command that cannot do its work ends: one clear line, and an exit code."""

from __future__ import annotations

FAILED = 1
MISUSED = 2


class CommandFailed(Exception):
    """The command was understood and did not succeed; the message says why."""


class CommandMisused(Exception):
    """The command cannot be understood as it was given; the message says what it expected."""
