"""A glance at the fleet as a page of a terminal, of any width from eighty columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from queues.traffic import Traffic
from workers.cli.glance import Glance, Records, RunningJob
from workers.cli.quantities import duration, mebibytes, milliseconds
from workers.cli.queue_table import by_minute, queue_table

_WIDE = 120
_BAR_WIDTH = 10
_BARS = " ▁▂▃▄▅▆▇█"
_LINES_ABOVE = 13


def page(glance: Glance, *, width: int, height: int | None) -> RenderableType:
    """Draw a glance. With a height, as many running jobs as there is room for."""
    away: list[Text] = _problems(glance)
    room = None if height is None else max(1, height - _LINES_ABOVE - len(away))
    parts: list[RenderableType] = [
        _stores(glance),
        *away,
        Text(),
        queue_table(glance),
        Text(),
        _counts(glance),
    ]
    if isinstance(glance.records, Records):
        parts += [_lately(glance), Text(), _running(glance.records.running, width, room)]
    return Group(*parts)


def _stores(glance: Glance) -> RenderableType:
    table = Table.grid(expand=True)
    for justify in ("left", "center", "right"):
        table.add_column(justify=justify, no_wrap=True)
    clock = Text.assemble(("riskfleet", "bold"), f"  {glance.at.astimezone():%H:%M:%S}")
    table.add_row(clock, _redis(glance.traffic), _postgres(glance.records))
    return table


def _problems(glance: Glance) -> list[Text]:
    """Give a line for each store that is away."""
    said = [store for store in (glance.traffic, glance.records) if isinstance(store, str)]
    return [Text(each, style="red", no_wrap=True, overflow="ellipsis") for each in said]


def _redis(found: Traffic | str) -> Text:
    if isinstance(found, str):
        return Text("Redis is away", style="bold red")
    memory = mebibytes(found.memory_used_bytes)
    if found.memory_max_bytes:
        memory += f" of {mebibytes(found.memory_max_bytes)}"
    return Text.assemble(
        "Redis ", ("up", "green"), f" {milliseconds(found.round_trip_seconds)}, {memory}"
    )


def _postgres(found: Records | str) -> Text:
    if isinstance(found, str):
        return Text("Postgres is away", style="bold red")
    return Text.assemble(
        "Postgres ", ("up", "green"), f" {milliseconds(found.overview.round_trip_seconds)}"
    )


def _counts(glance: Glance) -> Text:
    """Give what should be near zero, in one line."""
    parts: list[tuple[str, int, bool]] = []
    if isinstance(glance.traffic, Traffic):
        parts.append(("in hand", glance.traffic.in_hand, False))
        parts.append(("dead letters", glance.traffic.dead_letters, True))
    if isinstance(glance.records, Records):
        found = glance.records.overview
        parts.append(("leases overdue", sum(each.overdue for each in found.standings), True))
        parts.append(("outbox", found.outbox_rows, found.outbox_oldest_seconds > 300))
    return Text("   ").join(
        Text.assemble((f"{name} ", "dim"), (str(count), "bold red" if count and bad else ""))
        for name, count, bad in parts
    )


def _lately(glance: Glance) -> Text:
    """Draw how many jobs ended in each of the last minutes; the last one is not over."""
    if isinstance(glance.records, str):
        return Text()
    counts = by_minute(glance.records.lately, glance.at)
    most = max(counts)
    bars = "".join(_BARS[-(-8 * count // most) if most else 0] for count in counts)
    failed = sum(minute.failed for minute in glance.records.lately)
    return Text.assemble(
        ("ten minutes ", "dim"),
        ("▕", "dim"),
        (bars, "green"),
        ("▏", "dim"),
        f" {sum(counts):,} ended, ",
        (f"{failed:,} failed", "yellow" if failed else ""),
    )


def _running(jobs: Sequence[RunningJob], width: int, room: int | None) -> RenderableType:
    if not jobs:
        return Text("nothing runs", style="dim")
    shown = jobs if room is None or len(jobs) <= room else jobs[: max(1, room - 1)]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("running", no_wrap=True, overflow="ellipsis")
    table.add_column("tenant", no_wrap=True, overflow="ellipsis", max_width=14)
    table.add_column("for", justify="right", no_wrap=True)
    table.add_column("try", justify="right", no_wrap=True)
    table.add_column("progress", no_wrap=True)
    if width >= _WIDE:
        table.add_column("job", no_wrap=True)
        table.add_column("", no_wrap=True, overflow="ellipsis")
    for job in shown:
        more = (str(job.id), Text(_printable(job.message), style="dim")) if width >= _WIDE else ()
        table.add_row(
            Text(job.task),
            Text(job.tenant),
            duration(job.seconds),
            Text(str(job.attempt), style="yellow" if job.attempt > 1 else ""),
            _bar(job.fraction),
            *more,
        )
    if len(shown) == len(jobs):
        return table
    return Group(table, Text(f"and {len(jobs) - len(shown)} more", style="dim"))


def _bar(fraction: float | None) -> Text:
    if fraction is None:
        return Text()
    full = round(_BAR_WIDTH * fraction)
    rest = "─" * (_BAR_WIDTH - full)
    return Text.assemble(("━" * full, "green"), (rest, "dim"), f" {fraction:4.0%}")


def _printable(text: str) -> str:
    """Leave out what would steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable())
