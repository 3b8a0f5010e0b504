"""What happens to the fleet while it works: drawn with a seed, one thing every few seconds."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import psutil
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.load.site import LEASE_SECONDS, POSTS, Site

_HUNTED = [post for post in POSTS if post.is_hunted]
_PAUSE_SECONDS = (1.0, 4.0)


class Mischief(threading.Thread):
    """Breaks things until told to stop; counts what it broke."""

    def __init__(self, site: Site, *, seed: int) -> None:
        super().__init__(name="mischief", daemon=True)
        self._site = site
        self._chance = random.Random(seed)  # noqa: S311 - chance, not a secret
        self._enough = threading.Event()
        self.done: Counter[str] = Counter()
        self.failure: BaseException | None = None

    def run(self) -> None:
        acts: dict[Callable[[], str], int] = {
            self._kill_worker: 10,
            self._kill_child: 10,
            self._freeze_worker: 3,
            self._bounce_redis: 3,
            self._bounce_postgres: 3,
            self._wipe_redis: 1,
        }
        try:
            while not self._enough.wait(self._chance.uniform(*_PAUSE_SECONDS)):
                [act] = self._chance.choices(list(acts), list(acts.values()))
                self.done[act()] += 1
        except BaseException as error:
            self.failure = error
            raise

    def stop(self) -> None:
        """Let the fleet recover; raises what went wrong with breaking it."""
        self._enough.set()
        self.join()
        if self.failure is not None:
            raise self.failure

    def _kill_worker(self) -> str:
        self._site.replace(self._chance.choice(_HUNTED))
        return "worker killed, with its children"

    def _kill_child(self) -> str:
        post = self._chance.choice(_HUNTED)
        try:
            killed = self._site.kill_child(post)
        except (ProcessLookupError, psutil.NoSuchProcess):
            killed = False
        return "process of a pool killed" if killed else "nothing to kill"

    def _freeze_worker(self) -> str:
        worker = self._site.workers[self._chance.choice(_HUNTED).name]
        worker.freeze()
        time.sleep(LEASE_SECONDS * 1.5)
        worker.thaw()
        return "worker frozen past its lease, thawed"

    def _bounce_redis(self) -> str:
        self._site.bounce_redis()
        return "Redis killed and started"

    def _bounce_postgres(self) -> str:
        self._site.bounce_postgres()
        return "Postgres killed and started"

    def _wipe_redis(self) -> str:
        try:
            Redis.from_url(self._site.redis.url).flushall()
        except RedisError:
            return "nothing to wipe"
        return "Redis wiped"
