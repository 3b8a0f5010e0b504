"""What is asked of the fleet: a mix of jobs over all pools, the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from queues.names import Priority, Queue

ROOT = Path(__file__).parents[2]
TENANTS = ("acme", "globex", "initech", "umbrella", "hooli")
_SCENARIO: dict[str, Any] = json.loads((ROOT / "examples" / "ransomware.json").read_text())


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """A job, the way it is sent, and how it must end."""

    id: UUID
    task: str
    queue: Queue
    tenant: str
    priority: Priority
    request: dict[str, Any]
    by_outbox: bool
    """Inserted with a transaction, otherwise submitted to Redis."""
    is_cancelled: bool = False
    """Its caller changes his mind at once; it may end before that is heard."""
    ends: tuple[str, ...] = ("succeeded",)
    """The reasons, or `succeeded`, with which it may end."""


def planned_jobs(count: int, *, seed: int) -> Iterator[PlannedJob]:
    """Give `count` jobs."""
    chance = random.Random(seed)  # noqa: S311 - a workload, not a secret
    for _ in range(count):
        common: dict[str, Any] = {
            "id": UUID(int=chance.getrandbits(128), version=4),
            "tenant": chance.choice(TENANTS),
            "priority": chance.choices(list(Priority), weights=[1, 8, 1])[0],
            "by_outbox": chance.random() < 0.5,
        }
        kind = chance.random()
        if kind < 0.10:
            yield _scenario(common)
        elif kind < 0.97:
            yield _echo(common, chance)
        elif kind < 0.98:
            yield _echo(common, chance, fail="changeRequest", ends=("invalid_request",))
        elif kind < 0.985:
            yield _echo(common, chance, fail="callUs", ends=("internal",))
        elif kind < 0.99:
            yield _echo(common, chance, fail="wait", ends=("unavailable",))
        else:
            yield _echo(common, chance, is_cancelled=True, ends=("succeeded", "cancelled"))


def _scenario(common: dict[str, Any]) -> PlannedJob:
    return PlannedJob(
        **common,
        task="prism.simulate_scenario",
        queue=Queue.CPU,
        request=_SCENARIO | {"pictures": []},
    )


def _echo(
    common: dict[str, Any],
    chance: random.Random,
    *,
    fail: str | None = None,
    is_cancelled: bool = False,
    ends: tuple[str, ...] = ("succeeded",),
) -> PlannedJob:
    request: dict[str, Any] = {
        "message": "x" * int(chance.paretovariate(1) * 20 % 20_000),
        "sleepSeconds": round(chance.uniform(0, 0.02), 4),
    }
    if fail is not None:
        request["fail"] = fail
    # The outbox knows a task's own queue only, which for an echo is cpu.
    weights = [1, 0, 0, 0] if common["by_outbox"] else [4, 2, 2, 2]
    queue = chance.choices([Queue.CPU, Queue.GPU, Queue.ETL, Queue.SECURITY], weights)[0]
    return PlannedJob(
        **common,
        task="fleet.echo",
        queue=queue,
        request=request,
        is_cancelled=is_cancelled,
        ends=ends,
    )
