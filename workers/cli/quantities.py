"""Quantities as a terminal shows them."""

from __future__ import annotations

from rich.text import Text


def number(count: int, style: str = "") -> Text:
    """Give a count, dimmed if it is zero."""
    return Text(f"{count:,}", style=style if count else "dim")


def duration(seconds: float) -> str:
    """Give a duration in the unit that suits it."""
    whole = int(seconds)
    if whole < 100:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 6000 else f"{whole // 3600} h {whole % 3600 // 60:02}"


def milliseconds(seconds: float) -> str:
    """Give a short duration."""
    return f"{seconds * 1000:.1f} ms"


def mebibytes(count: int) -> str:
    """Give a size of memory."""
    return f"{count / 2**20:,.0f} MiB" if count < 2**30 else f"{count / 2**30:,.1f} GiB"
