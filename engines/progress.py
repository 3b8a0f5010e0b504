"""How an engine tells how far it is, and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A callback for a running engine.

    Call it often enough that a stop is noticed within a second or two: calls are cheap, and
    whoever listens throttles them. It raises `engines.errors.Stopped` when the run must end.
    """

    def __call__(self, fraction: float, message: str = "") -> None:
        """Report `fraction` of the work done, in [0, 1], and what is being done."""


def unreported(fraction: float, message: str = "") -> None:
    """Report to nobody: the callback for a run that nobody watches."""
