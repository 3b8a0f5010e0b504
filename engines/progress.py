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


def parts(progress: Progress, start: float, end: float, *, count: int) -> list[Progress]:
    """Give one callback for each of `count` equal parts of the work from `start` to `end`."""
    width = (end - start) / count
    return [_part(progress, start + place * width, width) for place in range(count)]


def _part(progress: Progress, start: float, width: float) -> Progress:
    def report(fraction: float, message: str = "") -> None:
        progress(start + fraction * width, message)

    return report
