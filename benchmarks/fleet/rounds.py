"""One short round of a contender: how long a job takes alone, and how many a second go through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.fleet import machine
from benchmarks.fleet.contenders import Contender

CALLS = 100
BACKLOG = 600

_WINDOW = 50
_LOOK_EVERY_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True)
class Round:
    """What was measured, and what else the machine did meanwhile."""

    number: int
    contender: str
    latencies_ms: list[float]
    jobs_per_second: float
    cpu_ms_per_job: dict[str, float]
    load_average: float
    """When the round began."""
    others: float
    """Share of the machine's CPU that went to processes of others during the round."""


def measure(number: int, contenders: Sequence[Contender]) -> list[Round]:
    """Measure one round of each contender, the first of them changing from round to round."""
    first = number % len(contenders)
    return [
        _measure(number, contender, contenders)
        for contender in (*contenders[first:], *contenders[:first])
    ]


def _measure(number: int, contender: Contender, everyone: Sequence[Contender]) -> Round:
    machine.wait_for_quiet()
    load = machine.load_average()
    began, busy, ours = time.perf_counter(), machine.busy_seconds(), _used_by_us(everyone)
    latencies = [_timed(contender.call) * 1e3 for _ in range(CALLS)]
    seconds, cpu = _work_off(contender)
    spare = machine.busy_seconds() - busy - (_used_by_us(everyone) - ours)
    return Round(
        number=number,
        contender=contender.name,
        latencies_ms=latencies,
        jobs_per_second=BACKLOG / seconds,
        cpu_ms_per_job={name: used / BACKLOG * 1e3 for name, used in cpu.items()},
        load_average=load,
        others=max(0.0, spare / (time.perf_counter() - began) / machine.cores()),
    )


def _timed(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _work_off(contender: Contender) -> tuple[float, dict[str, float]]:
    """Lay a backlog before frozen workers; time them from the thaw to the last result.

    The client's own work is thus left out, and all workers begin with full queues.
    """
    contender.freeze()
    waiting = [contender.send() for _ in range(BACKLOG)]
    before = _used_by(contender)
    began = time.perf_counter()
    contender.thaw()
    while waiting:
        time.sleep(_LOOK_EVERY_SECONDS)
        window = waiting[:_WINDOW]
        ended = contender.ended(window)
        waiting[:_WINDOW] = [r for r, done in zip(window, ended, strict=True) if not done]
    seconds = time.perf_counter() - began
    after = _used_by(contender)
    return seconds, {name: after[name] - before[name] for name in before}


def _used_by(contender: Contender) -> dict[str, float]:
    return contender.cpu_seconds() | machine.server_cpu_seconds()


def _used_by_us(everyone: Sequence[Contender]) -> float:
    workers = sum(sum(contender.cpu_seconds().values()) for contender in everyone)
    return workers + sum(machine.server_cpu_seconds().values()) + time.process_time()
