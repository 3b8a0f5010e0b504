"""A fleet for tests: real Redis, real Postgres, real worker processes, all ours to break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

import psutil
from celery import Celery
from pydantic import SecretStr
from redis import Redis

from config.redis import RedisSettings
from config.workers import WorkerSettings
from queues.dead_letters import DeadLetters
from queues.events import EventChannel
from queues.ledger import Job, Ledger, LedgerUnavailable
from queues.message import TaskMessage
from queues.names import Priority, result_key
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry, Submitted
from tasks.catalogue import by_name
from workers.broker_options import broker_options
from workers.embedded.redis import EmbeddedRedis
from workers.intake import HOUSEKEEPING

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0

_RUN_WORKER = "import sys; from workers.run import run_worker; sys.exit(run_worker(sys.argv[1]))"
_RUN_BEAT = "from workers.schedules.beat import run_beat; run_beat()"

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float = PATIENCE) -> T:
    """Give the first truthy thing that `look` gives; fail if there is none in time.

    Nothing is asserted about how long it takes: the bound is only so that a broken fleet ends.
    """
    end = time.monotonic() + within
    while not (seen := look()):
        if time.monotonic() > end:
            raise AssertionError(f"nothing within {within:g} s; last seen: {seen!r}")
        time.sleep(0.02)
    return seen


class WorkerProcess:
    """One `fleet worker POOL` with its children, or one `fleet beat`."""

    def __init__(self, program: str, pool: str, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, pool],
                cwd=ROOT,
                env=environment,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.pid).children() if self.is_alive else []

    def kill(self) -> None:
        """Kill -9 the main process and all its children, at once."""
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to finish its jobs and end; gives the exit code."""
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Whatever state it is in, it is gone afterwards."""
        if self.is_alive:
            self.thaw()
            self.kill()


class FleetUnderTest:
    """Submits jobs, looks at them, and starts and breaks what runs them."""

    def __init__(self, folder: Path, redis: EmbeddedRedis, database_url: str) -> None:
        self.folder = folder
        self.redis_server = redis
        self.database_url = database_url
        self.ledger = Ledger(database_url)
        self.redis: Redis = connect(redis.url)
        self.events = EventChannel(self.redis)
        self.dead_letters = DeadLetters(Redis.from_url(redis.url))
        self.workers: list[WorkerProcess] = []
        self.settings = {
            "RISKFLEET_LEASE_SECONDS": "3",
            "RISKFLEET_CANCEL_GRACE_SECONDS": "1",
            "RISKFLEET_SOFT_SHUTDOWN_SECONDS": "2",
            "RISKFLEET_CPU_CONCURRENCY": "2",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.end()
        self.ledger.close()

    def start(self, pool: str = "cpu", **settings: str) -> WorkerProcess:
        """Start a worker and wait until it serves its queue."""
        worker = self._start(_RUN_WORKER, pool, settings)
        eventually(lambda: not worker.is_alive or "worker_ready" in worker.log.read_text())
        assert worker.is_alive, worker.log.read_text()
        return worker

    def start_beat(self) -> WorkerProcess:
        """Start what sends by the clock."""
        return self._start(_RUN_BEAT, "beat", {})

    def _start(self, program: str, name: str, settings: dict[str, str]) -> WorkerProcess:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("RISKFLEET_")
        }
        environment = {
            **inherited,
            "REDIS_URL": self.redis_server.url,
            "DATABASE_URL": self.database_url,
            "RISKFLEET_ARTIFACTS": str(self.folder / "artifacts"),
            **self.settings,
            **settings,
        }
        log = self.folder / f"{name}-{len(self.workers)}.log"
        worker = WorkerProcess(program, name, environment, log)
        self.workers.append(worker)
        return worker

    def app(self) -> Celery:
        """A Celery app that sends to this fleet and runs nothing."""
        app = Celery("test")
        redis = RedisSettings(url=SecretStr(self.redis_server.url))
        app.conf.update(broker_options(redis, WorkerSettings(), None))
        return app

    def submit(
        self,
        request: dict[str, Any],
        *,
        task: str = "fleet.echo",
        job_id: str | None = None,
        priority: Priority = Priority.NORMAL,
        **headers: Any,
    ) -> str:
        """Send a job as a careful client does; gives its id."""
        message = self.message(request, task=task, job_id=job_id, priority=priority, **headers)
        assert self.submission(message) is Submitted.CREATED
        return message.job_id

    def message(
        self, request: Any, *, task: str = "fleet.echo", job_id: str | None = None, **fields: Any
    ) -> TaskMessage:
        queue = by_name()[task].queue.value if task in by_name() else "cpu"
        return TaskMessage(
            **{"task": task, "job_id": job_id or str(uuid4()), "queue": queue, "request": request}
            | fields
        )

    def submission(self, message: TaskMessage) -> Submitted:
        return SubmissionRegistry(self.redis).submit(message)

    def beat_once(self, task: str) -> None:
        """Send a housekeeping task, as beat does when its time has come."""
        self.app().send_task(task, queue=HOUSEKEEPING)

    def job(self, job_id: str) -> Job | None:
        """The job's row, or None while there is none or Postgres is away."""
        try:
            return self.ledger.get(UUID(job_id))
        except LedgerUnavailable:
            return None

    def running(self, job_id: str, *, attempt: int = 1) -> Job:
        """Wait until an attempt at the job is running."""

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job and job.state == "running" and job.attempt == attempt else None

        return eventually(look)

    def ended(self, job_id: str) -> Job:
        """Wait until the job has ended."""

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job and job.state.is_final else None

        return eventually(look)

    def stored(self, job_id: str) -> dict[str, Any]:
        """Wait for the final result in Redis, as a Celery client reads it."""

        def look() -> dict[str, Any] | None:
            text = self.redis.get(result_key(job_id))
            meta: dict[str, Any] = json.loads(text) if text else {}
            return meta if meta.get("status") in {"SUCCESS", "FAILURE"} else None

        return eventually(look)

    def kinds(self, job_id: str) -> list[str]:
        """What the ledger says happened to the job, in order."""
        return [event.kind.value for event in self.ledger.events(UUID(job_id))]

    def is_quiet(self) -> bool:
        """Whether no message is in flight."""
        return not self.redis.hlen("unacked") and not self.redis.zcard("unacked_index")


def error_of(meta: dict[str, Any]) -> dict[str, Any]:
    """The error in a stored failure."""
    assert meta["status"] == "FAILURE", meta
    assert meta["result"]["exc_type"] == "JobFailed"
    error: dict[str, Any] = meta["result"]["exc_message"][0]
    return error


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
