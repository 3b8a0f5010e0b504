"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from itertools import accumulate
from typing import Annotated, Any, Literal
from uuid import UUID

import typer
from pydantic.alias_generators import to_camel
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

console = Console(highlight=False)
"""Where people read results."""

aside = Console(stderr=True, highlight=False)
"""Where people read what is going on; a program that reads the result does not see it."""

_UNLIMITED = 10_000
_DOCUMENTS = frozenset({"request", "expected", "result", "error"})


def print_json(value: Any) -> None:
    """Print one JSON document on one line."""
    print(json.dumps(value, default=_plain, ensure_ascii=False), flush=True)


def record(row: Any) -> dict[str, Any]:
    """Give a dataclass of the ledger as JSON has it: camelCase, documents parsed."""
    found = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if field.name in _DOCUMENTS and isinstance(value, str):
            value = json.loads(value)
        found[to_camel(field.name)] = value
    return found


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    justify: Literal["left", "right"] = "left",
    spare: int = 0,
) -> None:
    """Print a table for people. The last `spare` columns are left out where there is no room.

    Which they were is said, on stderr.
    """
    shown = [list(map(_cell, row)) for row in rows]
    left_out: Sequence[str] = ()
    if console.is_terminal and spare:
        kept = _columns_that_fit([columns, *shown], least=len(columns) - spare)
        left_out = columns[kept:]
        columns, shown = columns[:kept], [row[:kept] for row in shown]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column == columns[0])
    for row in shown:
        table.add_row(*map(escape, row))
    # A pipe has no width: whoever reads it wants whole lines.
    out = console if console.is_terminal else Console(highlight=False, width=_UNLIMITED)
    out.print(table)
    if left_out:
        names = ", ".join(left_out)
        aside.print(f"no room here for {names}: widen the terminal, or ask for --json", style="dim")


def has_room_for(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bool:
    """Tell whether a table can be printed with each row on one line."""
    every = [columns, *(list(map(_cell, row)) for row in rows)]
    return not console.is_terminal or _columns_that_fit(every, least=0) == len(columns)


def print_fields(found: Mapping[str, object]) -> None:
    """Print named values, one a line; those that are None are left out."""
    width = max(map(len, found), default=0)
    for name, value in found.items():
        if value is not None:
            console.print(f"{name:<{width}}  {_shown(value)}", markup=False, soft_wrap=True)


def _columns_that_fit(rows: Sequence[Sequence[str]], *, least: int) -> int:
    """Count the columns, from the left, that fit the terminal with two spaces between them."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    ends = [end - 2 for end in accumulate(width + 2 for width in widths)]
    return max(least, sum(end <= console.width for end in ends))


def _cell(value: object) -> str:
    """Give a table's cell; moments as shortly as a terminal wants them, and whole to a pipe."""
    if value is None:
        return ""
    if isinstance(value, datetime) and console.is_terminal:
        local = value.astimezone()
        is_today = local.date() == datetime.now().astimezone().date()
        return local.strftime("%H:%M:%S" if is_today else "%Y-%m-%d %H:%M")
    return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone().isoformat(" ", "milliseconds")
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
