"""What happens to the fleet while it works: drawn with a seed, one thing every few seconds."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

import psutil
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.load.site import LEASE_SECONDS, POSTS, Site

_HUNTED = [post for post in POSTS if post.is_hunted]
_WITH_CHILDREN = [
    post for post in _HUNTED if "worker" in post.arguments and "housekeeping" not in post.arguments
]
_PAUSE_SECONDS = (1.0, 4.0)


class Mischief:
    """Breaks things; counts what it broke.

    In the main thread: what it starts ends with the thread that started it.
    """

    def __init__(self, site: Site, *, seed: int) -> None:
        self._site = site
        self._chance = random.Random(seed)  # noqa: S311 - chance, not a secret
        self._acts: dict[Callable[[], str | None], int] = {
            self._kill_worker: 10,
            self._kill_child: 10,
            self._freeze_worker: 3,
            self._bounce_redis: 3,
            self._bounce_postgres: 3,
            self._wipe_redis: 1,
        }
        self.done: Counter[str] = Counter()

    def pause(self) -> None:
        """Leave the fleet alone for a moment."""
        time.sleep(self._chance.uniform(*_PAUSE_SECONDS))

    def act(self) -> None:
        """Break something."""
        [act] = self._chance.choices(list(self._acts), list(self._acts.values()))
        done = act()
        if done is not None:
            self.done[done] += 1

    def _kill_worker(self) -> str:
        self._site.replace(self._chance.choice(_HUNTED))
        return "worker killed, with its children"

    def _kill_child(self) -> str | None:
        post = self._chance.choice(_WITH_CHILDREN)
        try:
            killed = self._site.kill_child(post)
        except (ProcessLookupError, psutil.NoSuchProcess):
            killed = False
        return "process of a pool killed" if killed else None

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

    def _wipe_redis(self) -> str | None:
        try:
            Redis.from_url(self._site.redis.url).flushall()
        except RedisError:
            return None
        return "Redis wiped"
