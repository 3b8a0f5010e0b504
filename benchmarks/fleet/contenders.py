"""Who is compared: each can be sent an echo, waited for, frozen, and asked what CPU it used."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.fleet.bare_celery import TASK, bare_app
from benchmarks.fleet.machine import cpu_seconds
from benchmarks.fleet.started_process import StartedProcess
from queues.message import TaskMessage
from queues.names import result_key
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry

CONCURRENCY = 2
MAIN = "worker"
REQUEST = {"message": "a risk is the effect of uncertainty on objectives"}


class Contender(ABC):
    """Workers that run the echo, and a client that sends it."""

    name: str

    def __init__(self, workers: Mapping[str, StartedProcess]) -> None:
        self.workers = workers
        """What each process is called in the tables -> the process."""

    @abstractmethod
    def send(self) -> str:
        """Submit one echo and give the name of its result."""

    @abstractmethod
    def call(self) -> None:
        """Submit one echo and return when its result was read."""

    @abstractmethod
    def ended(self, results: Sequence[str]) -> list[bool]:
        """Tell which of these results are there."""

    def freeze(self) -> None:
        """Stop all workers where they are."""
        for worker in self.workers.values():
            worker.freeze()

    def thaw(self) -> None:
        """Let all workers go on."""
        for worker in self.workers.values():
            worker.thaw()

    def cpu_seconds(self) -> dict[str, float]:
        """Give the CPU time used so far, by process."""
        used = {}
        for name, worker in self.workers.items():
            used[name], used[f"{name}, children"] = cpu_seconds(worker.pid)
        return used


class _OnCelery(Contender):
    """Has its results where Celery keeps them; waits for one as docs/wire.md says."""

    def __init__(self, redis_url: str, workers: Mapping[str, StartedProcess]) -> None:
        super().__init__(workers)
        self._redis = connect(redis_url)
        self._channel = self._redis.pubsub()

    @abstractmethod
    def submit(self, job_id: str) -> None:
        """Send an echo under an id."""

    def send(self) -> str:
        job_id = str(uuid4())
        self.submit(job_id)
        return result_key(job_id)

    def call(self) -> None:
        job_id = str(uuid4())
        self._channel.subscribe(result_key(job_id))
        heard = self._channel.listen()
        next(heard)
        self.submit(job_id)
        while not _is_success(next(heard)["data"]):
            pass
        self._channel.unsubscribe()
        next(heard)

    def ended(self, results: Sequence[str]) -> list[bool]:
        return [text is not None and _is_success(text) for text in self._redis.mget(results)]


class Fleet(_OnCelery):
    """A cpu worker and the housekeeping worker of this repository."""

    name = "riskfleet"

    def __init__(self, redis_url: str, database_url: str, folder: Path) -> None:
        environment = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url,
            "RISKFLEET_ARTIFACTS": str(folder / "artifacts"),
            "RISKFLEET_CPU_CONCURRENCY": str(CONCURRENCY),
        }
        super().__init__(
            redis_url,
            {
                name: StartedProcess(
                    ["workers.cli", "worker", pool], folder / f"{pool}.log", environment=environment
                )
                for name, pool in ((MAIN, "cpu"), ("housekeeping", "housekeeping"))
            },
        )
        self._registry = SubmissionRegistry(self._redis)

    def submit(self, job_id: str) -> None:
        self._registry.submit(
            TaskMessage(task="fleet.echo", job_id=job_id, queue="cpu", request=REQUEST)
        )


class BareCelery(_OnCelery):
    """A plain Celery worker with the fleet's broker options."""

    name = "bare Celery"

    def __init__(self, redis_url: str, folder: Path) -> None:
        environment = {"REDIS_URL": redis_url, "CONCURRENCY": str(CONCURRENCY)}
        worker = StartedProcess(
            ["benchmarks.fleet.bare_celery"], folder / "bare.log", environment=environment
        )
        super().__init__(redis_url, {MAIN: worker})
        self._app = bare_app(redis_url)
        # Waiting is done here as for the fleet; the client's own result consumer stays out of it.
        self._app.conf.result_backend = None

    def submit(self, job_id: str) -> None:
        self._app.send_task(TASK, kwargs={"request": REQUEST}, task_id=job_id, queue="cpu")


class Dramatiq(Contender):
    """A dramatiq worker with a Redis broker and Redis results."""

    name = "dramatiq"

    def __init__(self, redis_url: str, folder: Path) -> None:
        os.environ["DRAMATIQ_REDIS_URL"] = redis_url
        from benchmarks.fleet import dramatiq_echo  # connects on import, as dramatiq wants it

        arguments = ["dramatiq", dramatiq_echo.__name__]
        arguments += ["--processes", str(CONCURRENCY), "--threads", "1"]
        super().__init__({MAIN: StartedProcess(arguments, folder / "dramatiq.log")})
        self._echo: Any = dramatiq_echo.echo
        self._results: Any = dramatiq_echo.results

    def send(self) -> str:
        key: str = self._results.build_message_key(self._echo.send(REQUEST))
        return key

    def call(self) -> None:
        self._echo.send(REQUEST).get_result(block=True)

    def ended(self, results: Sequence[str]) -> list[bool]:
        with self._results.client.pipeline(transaction=False) as pipe:
            for key in results:
                pipe.exists(key)
            return [bool(there) for there in pipe.execute()]


def _is_success(meta: str) -> bool:
    return bool(json.loads(meta)["status"] == "SUCCESS")
