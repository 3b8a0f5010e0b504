"""A fleet that can be sent jobs in turn, or as they would be sent without turns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from benchmarks.fleet import machine
from benchmarks.fleet.started_process import StartedProcess
from queues.events import JobEvent, Kind
from queues.message import TaskMessage
from queues.names import (
    SUBMITTED_KEY,
    events_key,
    lane_key,
    result_key,
    ring_key,
    submission_key,
)
from queues.redis_connection import connect
from queues.request_hash import request_hash
from queues.submission import SUBMIT_SCRIPT

_WARM_UP_JOBS = 100
_LOOK_EVERY_SECONDS = 0.001
_LOOK_SELDOM_SECONDS = 0.01
"""For many jobs: looking costs a core that the fleet could use."""
_FEW = 10


class Order(StrEnum):
    """In which order jobs are served."""

    IN_TURN = "in turn"
    AS_SENT = "as sent"


class Fleet:
    """A cpu worker and the housekeeping worker."""

    def __init__(self, redis_url: str, database_url: str, folder: Path, processes: int) -> None:
        self.processes = processes
        self._redis = connect(redis_url)
        self._script = self._redis.register_script(SUBMIT_SCRIPT)
        environment = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url,
            "RISKFLEET_ARTIFACTS": str(folder / "artifacts"),
            "RISKFLEET_CPU_CONCURRENCY": str(processes),
        }
        self._workers = [
            StartedProcess(
                ["workers.cli", "worker", pool], folder / f"{pool}.log", environment=environment
            )
            for pool in ("cpu", "housekeeping")
        ]
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for worker in self._workers:
            self._open.enter_context(worker)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def warm_up(self) -> None:
        """Let each process run some jobs."""
        jobs = [self.submit("warm", {}, Order.IN_TURN) for _ in range(_WARM_UP_JOBS)]
        self.wait_for(jobs)

    def submit(self, tenant: str, request: dict[str, Any], order: Order) -> str:
        """Send an echo and give its id.

        Both orders call the script that every client calls. Without turns it is told that the job
        is for later, so that it pushes the message to the list itself; nothing else differs.
        """
        message = TaskMessage(
            task="fleet.echo", job_id=str(uuid4()), queue="cpu", request=request, tenant=tenant
        )
        list_key = message.list_key
        accepted = JobEvent.now(Kind.ACCEPTED, message.job_id)
        self._script(
            keys=[
                submission_key(message.job_id),
                SUBMITTED_KEY,
                list_key,
                events_key(message.job_id),
                lane_key(list_key, tenant),
                ring_key(list_key),
            ],
            args=[
                message.job_id,
                request_hash(task=message.task, tenant=tenant, request=request),
                message.to_wire(),
                accepted.model_dump_json(),
                tenant,
                "now" if order is Order.IN_TURN else "later",
            ],
        )
        return message.job_id

    def wait_for(self, jobs: Sequence[str]) -> None:
        """Return when all of these have ended."""
        waiting = [result_key(job) for job in jobs]
        pause = _LOOK_EVERY_SECONDS if len(jobs) <= _FEW else _LOOK_SELDOM_SECONDS
        while waiting:
            time.sleep(pause)
            # The last ones end last: a short look is enough, most of the time.
            if self._have_ended(waiting[-5:]):
                waiting = [key for key in waiting if not self._have_ended([key])]

    def cpu_seconds(self) -> float:
        """Give the CPU time that workers, Redis and Postgres have used."""
        workers = sum(sum(machine.cpu_seconds(worker.pid)) for worker in self._workers)
        return workers + sum(machine.server_cpu_seconds().values())

    def freeze(self) -> None:
        """Stop all workers where they are."""
        for worker in self._workers:
            worker.freeze()

    def thaw(self) -> None:
        """Let all workers go on."""
        for worker in self._workers:
            worker.thaw()

    def _have_ended(self, keys: Sequence[str]) -> bool:
        return all(text is not None and '"SUCCESS"' in text for text in self._redis.mget(keys))
