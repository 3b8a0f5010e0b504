"""One round: a tenant's few jobs alone, and behind another's many; and how fast all went."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.fairness.fleet import Fleet, Order
from benchmarks.fleet import machine

MANY, FEW = 500, 5
_BEGUN = 10
"""How many of the large tenant's jobs have ended when the small one comes."""
_CALLS = 20

JOBS: dict[str, dict[str, Any]] = {
    "nothing to do": {},
    "20 ms": {"sleepSeconds": 0.02},
}


@dataclass(frozen=True, kw_only=True)
class Round:
    """What was measured."""

    number: int
    processes: int
    order: Order
    job: str
    latency_ms: float
    """Of one job on an idle fleet, from submitting to its result; median."""
    alone_seconds: float
    """Five jobs on an idle fleet, from submitting to the last result."""
    behind_seconds: float
    """Five jobs behind five hundred of another tenant."""
    jobs_per_second: float
    """Of all 505, from the thaw to the last result."""
    cpu_ms_per_job: float
    """Of workers, Redis and Postgres meanwhile."""
    others: float
    """Share of the machine's CPU that went to processes of others meanwhile."""


def measure(fleet: Fleet, number: int, order: Order, job: str) -> Round:
    """Measure one round."""
    request = JOBS[job]
    latency = median(_timed(fleet, request, order, jobs=1) for _ in range(_CALLS))
    alone = median(_timed(fleet, request, order, jobs=FEW) for _ in range(FEW))
    fleet.freeze()
    many = [fleet.submit("large", request, order) for _ in range(MANY)]
    used, busy, ours = fleet.cpu_seconds(), machine.busy_seconds(), time.process_time()
    began = time.perf_counter()
    fleet.thaw()
    fleet.wait_for(many[:_BEGUN])
    behind = _timed(fleet, request, order, jobs=FEW)
    fleet.wait_for(many)
    seconds = time.perf_counter() - began
    used = fleet.cpu_seconds() - used
    spare = machine.busy_seconds() - busy - used - (time.process_time() - ours)
    return Round(
        number=number,
        processes=fleet.processes,
        order=order,
        job=job,
        latency_ms=latency * 1e3,
        alone_seconds=alone,
        behind_seconds=behind,
        jobs_per_second=(MANY + FEW) / seconds,
        cpu_ms_per_job=used / (MANY + FEW) * 1e3,
        others=max(0.0, spare / seconds / machine.cores()),
    )


def _timed(fleet: Fleet, request: dict[str, Any], order: Order, *, jobs: int) -> float:
    began = time.perf_counter()
    fleet.wait_for([fleet.submit("small", request, order) for _ in range(jobs)])
    return time.perf_counter() - began
