"""Each queue of the fleet as a line: its workers, what waits for them, what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from queues.attendance import PresentWorker
from queues.ledger.overview import Minute
from queues.names import Priority, Queue
from queues.traffic import Traffic
from workers.cli.glance import LATELY, Glance, Records
from workers.cli.quantities import duration, number
from workers.intake import HOUSEKEEPING

_SLOTS_WIDTH = 15
_LATE = {Priority.HIGH: 60, Priority.NORMAL: 600, Priority.LOW: 7200}
"""Seconds after which a waiting job is shown in red, as the alert JobsWaitTooLong has them."""


def queue_table(glance: Glance) -> Table:
    """Draw the queues, and the workers that keep house."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("queue")
    table.add_column("slots", width=_SLOTS_WIDTH, no_wrap=True)
    for name in ("high", "normal", "low", "oldest", "done/min", "failed"):
        table.add_column(name, justify="right", no_wrap=True)
    for queue in Queue:
        table.add_row(
            queue.value,
            _slots(glance, queue.value),
            *(_waiting(glance, queue, priority) for priority in Priority),
            _oldest(glance, queue),
            *_done(glance, queue),
        )
    table.add_row(HOUSEKEEPING, _slots(glance, HOUSEKEEPING))
    return table


def _slots(glance: Glance, queue: str) -> Text:
    """Draw the workers of a queue, each with its slots; as a bar where there are too many."""
    if isinstance(glance.traffic, str):
        return Text("?", style="dim")
    workers = [worker for worker in glance.traffic.workers if worker.queue == queue]
    if not workers:
        waits = any(count for (name, _), count in glance.traffic.waiting.items() if name == queue)
        return Text("no worker", style="bold red" if waits else "dim")
    drawn = Text(" ").join(map(_one_worker, workers))
    return drawn if len(drawn) <= _SLOTS_WIDTH else _all_workers(workers)


def _one_worker(worker: PresentWorker) -> Text:
    busy = min(worker.busy, worker.slots)
    return Text.assemble(("●" * busy, "green"), ("○" * (worker.slots - busy), "dim"))


def _all_workers(workers: Sequence[PresentWorker]) -> Text:
    busy, slots = sum(w.busy for w in workers), sum(w.slots for w in workers)
    numbers = f" {busy}/{slots}"
    width = max(0, _SLOTS_WIDTH - len(numbers))
    full = round(width * min(1.0, busy / max(1, slots)))
    return Text.assemble(("━" * full, "green"), ("─" * (width - full), "dim"), numbers)


def _waiting(glance: Glance, queue: Queue, priority: Priority) -> Text:
    """Give what waits in Redis; while it is away, what waits according to the ledger."""
    if isinstance(glance.traffic, Traffic):
        return number(glance.traffic.waiting[queue, priority])
    if isinstance(glance.records, Records):
        standings = glance.records.overview.standings
        return number(
            sum(s.accepted for s in standings if (s.queue, s.priority) == (queue, priority))
        )
    return Text("?", style="dim")


def _oldest(glance: Glance, queue: Queue) -> Text:
    if isinstance(glance.records, str):
        return Text("?", style="dim")
    here = [each for each in glance.records.overview.standings if each.queue == queue]
    if not any(each.accepted for each in here):
        return Text()
    late = any(each.oldest_seconds > _LATE[Priority(each.priority)] for each in here)
    longest = max(each.oldest_seconds for each in here)
    return Text(duration(longest), style="bold red" if late else "")


def _done(glance: Glance, queue: Queue) -> tuple[Text, Text]:
    """Give how many jobs ended in the last whole minute, and how many failed lately."""
    if isinstance(glance.records, str):
        return Text("?", style="dim"), Text("?", style="dim")
    here = [minute for minute in glance.records.lately if minute.queue == queue]
    failed = sum(minute.failed for minute in here)
    return (
        number(by_minute(here, glance.at)[-2]),
        number(failed, "yellow" if failed else ""),
    )


def by_minute(lately: Iterable[Minute], now: datetime) -> list[int]:
    """Count ends in each minute up to this one, the earliest first."""
    ended: Counter[datetime] = Counter()
    for minute in lately:
        ended[minute.start] += minute.succeeded + minute.failed + minute.cancelled
    this = now.replace(second=0, microsecond=0)
    minutes = int(LATELY.total_seconds()) // 60
    return [ended[this - timedelta(minutes=back)] for back in range(minutes - 1, -1, -1)]
