"""The fleet under load: servers and workers, of which some are hunted and some are spared."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from benchmarks.fleet.started_process import StartedProcess
from queues.ledger import migrate
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

LEASE_SECONDS = 6.0
_SETTINGS = {
    "RISKFLEET_LEASE_SECONDS": str(LEASE_SECONDS),
    "RISKFLEET_CPU_CONCURRENCY": "1",
    "RISKFLEET_GPU_CONCURRENCY": "4",
    "RISKFLEET_ETL_CONCURRENCY": "1",
    "RISKFLEET_SECURITY_CONCURRENCY": "1",
}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A worker that the fleet should always have."""

    name: str
    arguments: tuple[str, ...]
    is_hunted: bool


POSTS = (
    Post(name="cpu, spared", arguments=("worker", "cpu"), is_hunted=False),
    Post(name="cpu, hunted", arguments=("worker", "cpu"), is_hunted=True),
    Post(name="gpu", arguments=("worker", "gpu"), is_hunted=False),
    Post(name="etl", arguments=("worker", "etl"), is_hunted=True),
    Post(name="security, hunted", arguments=("worker", "security"), is_hunted=True),
    Post(name="housekeeping, spared", arguments=("worker", "housekeeping"), is_hunted=False),
    Post(name="housekeeping, hunted", arguments=("worker", "housekeeping"), is_hunted=True),
    Post(name="beat", arguments=("beat",), is_hunted=True),
)


class Site:
    """Redis, Postgres and a worker at every post; whoever is killed is replaced at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._lives = 0
        self.workers: dict[str, StartedProcess] = {}
        self.died: Counter[str] = Counter()
        """Workers that nobody killed, by post."""

    def __enter__(self) -> Self:
        self.redis = self._stack.enter_context(EmbeddedRedis(self._folder / "redis"))
        self.postgres = self._stack.enter_context(EmbeddedPostgres(self._folder / "postgres"))
        migrate.upgrade(self.postgres.url)
        for post in POSTS:
            self._man(post)
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            worker.__exit__()
        self._stack.close()

    def replace(self, post: Post) -> None:
        """Kill the worker at a post with all its children, and start another."""
        self.workers[post.name].__exit__()
        self._man(post)

    def replace_dead(self) -> None:
        """Start another where a worker ended by itself, as a supervisor would; count it."""
        for post in POSTS:
            if not psutil.pid_exists(self.workers[post.name].pid) or (
                psutil.Process(self.workers[post.name].pid).status() == psutil.STATUS_ZOMBIE
            ):
                self.died[post.name] += 1
                self.replace(post)

    def kill_child(self, post: Post) -> bool:
        """Kill one process in which jobs run; its worker starts another. False if it has none."""
        children = psutil.Process(self.workers[post.name].pid).children()
        for child in children[-1:]:
            os.kill(child.pid, signal.SIGKILL)
        return bool(children)

    def bounce_redis(self) -> None:
        """Kill Redis as a power cut would; what was not written to disk is gone."""
        self.redis.kill()
        time.sleep(0.5)
        self.redis.start()

    def bounce_postgres(self) -> None:
        """Kill Postgres with all its sessions; it recovers from its log."""
        self.postgres.kill()
        time.sleep(0.5)
        self.postgres.start()

    def resident_mib(self) -> dict[str, float]:
        """Give the memory of the spared workers, children included, by post."""
        found = {}
        for post in POSTS:
            if not post.is_hunted:
                process = psutil.Process(self.workers[post.name].pid)
                family = [process, *process.children(recursive=True)]
                found[post.name] = sum(each.memory_info().rss for each in family) / 2**20
        return found

    def _man(self, post: Post) -> None:
        self._lives += 1
        environment = {
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": self.postgres.url,
            "RISKFLEET_ARTIFACTS": str(self._folder / "artifacts"),
            **_SETTINGS,
        }
        log = self._folder / f"{self._lives:03}-{post.name.replace(', ', '-')}.log"
        self.workers[post.name] = StartedProcess(
            ("workers.cli", *post.arguments), log, environment=environment
        )
