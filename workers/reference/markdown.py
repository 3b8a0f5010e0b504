"""Tables as Markdown writes them."""

from __future__ import annotations

from collections.abc import Iterable


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table, each row on a line of its own."""
    header = tuple(header)
    return "".join((_line(header), "|" + "---|" * len(header) + "\n", *map(_line, rows)))


def _line(cells: Iterable[str]) -> str:
    return "".join(f"| {_on_one_line(cell)} " for cell in cells) + "|\n"


def _on_one_line(cell: str) -> str:
    return " ".join(cell.split()).replace("|", r"\|")
