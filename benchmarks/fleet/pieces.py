"""What a job costs beyond Celery, piece by piece: the fleet's own code, on real services."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from benchmarks.fleet.contenders import REQUEST
from config.environment import adopt
from queues.events import JobEvent, Kind
from queues.ledger import Ledger
from queues.message import TaskMessage
from queues.submission import SubmissionRegistry
from tasks.fleet.echo import echo
from tasks.payload import Payload
from workers.app import fleet_app
from workers.delivery import Delivery
from workers.intake import Intake
from workers.job_run import Attempt, JobRun, Outcome
from workers.resources import Resources

T = TypeVar("T")

_JOBS = 600
_WARM_UP = 100

SUBMIT = "submit: hash, message, script in Redis"
INTAKE = "intake: read, judge and rebuild the message"
CLAIM = "claim: hash, one durable transaction in Postgres"
BEGIN = "begin: wish to cancel, state and event in Redis"
COMPUTE = "compute: read the request, run the task"
FINISH = "finish: one durable transaction in Postgres"
ANNOUNCE = "announce the end: event in Redis"

WHERE = {
    SUBMIT: "client",
    INTAKE: "worker",
    CLAIM: "child",
    BEGIN: "child",
    COMPUTE: "child",
    FINISH: "child",
    ANNOUNCE: "child",
}
"""Every piece, in the order of a job, and the process that it runs in."""

_ATTEMPT = "begin, compute and finish"


class _Stopwatch:
    """Notes wall and CPU time of named pieces [seconds]."""

    def __init__(self) -> None:
        self.seen: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def time(self, piece: str, call: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        given = call()
        self.seen[piece].append((time.perf_counter() - wall, time.process_time() - cpu))
        return given

    def medians_us(self, piece: str, *, without: tuple[str, ...] = ()) -> dict[str, float]:
        """Give the median of a piece, the pieces inside it taken off job by job."""
        walls, cpus = [], []
        for job in range(_WARM_UP, _JOBS):
            inside = [self.seen[part][job] for part in without]
            walls.append(self.seen[piece][job][0] - sum(wall for wall, _ in inside))
            cpus.append(self.seen[piece][job][1] - sum(cpu for _, cpu in inside))
        return {
            "wall_us": statistics.median(walls) * 1e6,
            "cpu_us": statistics.median(cpus) * 1e6,
        }


def measure(redis_url: str, database_url: str, folder: Path) -> dict[str, dict[str, float]]:
    """Take jobs through the fleet's own code in this process; give each piece's median.

    What is left of an attempt without computing and finishing is its beginning.
    """
    watch = _Stopwatch()
    adopt(
        {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url,
            "RISKFLEET_ARTIFACTS": str(folder / "artifacts"),
        }
    )
    app = fleet_app()
    resources = replace(app.fleet.resources(), ledger=_timed_ledger(database_url, watch))
    registry = SubmissionRegistry(resources.redis)
    intake = app.conf.broker_transport_options["intake"]
    for _ in range(_JOBS):
        _take_through(watch, registry, intake, resources)
    resources.ledger.close()
    begin = watch.medians_us(_ATTEMPT, without=(COMPUTE, FINISH))
    return {piece: begin if piece == BEGIN else watch.medians_us(piece) for piece in WHERE}


def _take_through(
    watch: _Stopwatch, registry: SubmissionRegistry, intake: Intake, resources: Resources
) -> None:
    """Take one job from its submission to the announcement of its end."""
    message = TaskMessage(task=echo.name, job_id=str(uuid4()), queue="cpu", request=REQUEST)
    watch.time(SUBMIT, lambda: registry.submit(message))
    raw = message.to_wire().encode()
    watch.time(INTAKE, lambda: intake.admit(raw, queue="cpu", step=0))
    run = _timed_run(message, resources, watch)
    attempt = watch.time(CLAIM, run.claim)
    assert isinstance(attempt, Attempt)
    watch.time(_ATTEMPT, lambda: run.attempt(attempt))
    ended = JobEvent.now(Kind.SUCCEEDED, message.job_id, attempt=attempt.number, fraction=1.0)
    watch.time(ANNOUNCE, lambda: resources.events.publish(ended))


def _timed_ledger(database_url: str, watch: _Stopwatch) -> Ledger:
    class TimedLedger(Ledger):
        def finish(self, *arguments: Any, **options: Any) -> bool:
            return watch.time(FINISH, lambda: Ledger.finish(self, *arguments, **options))

    return TimedLedger(database_url)


def _timed_run(message: TaskMessage, resources: Resources, watch: _Stopwatch) -> JobRun:
    class TimedRun(JobRun):
        def compute(self, attempt: Attempt) -> Payload | Outcome:
            return watch.time(COMPUTE, lambda: JobRun.compute(self, attempt))

    job = Delivery(
        id=message.job_id, task=message.task, request=message.request, queue="cpu", headers={}
    )
    return TimedRun(
        job=job, declaration=echo, resources=resources, worker="w", lease=timedelta(minutes=1)
    )
