"""Workers that sign in are there; those that fell silent are not."""

from __future__ import annotations

import json

from redis import Redis

from queues.attendance import HEARD_WITHIN, forget_the_gone, present, sign_in
from queues.names import WORKERS_KEY


def _silence(redis: Redis, name: str) -> None:
    """Make a worker's last word older than anybody waits."""
    said = json.loads(redis.hget(WORKERS_KEY, name))
    said["at"] -= HEARD_WITHIN.total_seconds() + 1
    redis.hset(WORKERS_KEY, name, json.dumps(said))


def test_a_worker_is_there_with_what_it_said_last(redis: Redis) -> None:
    """Its latest word counts, and workers are in order of queue and name."""
    sign_in(redis, name="etl-1@b", queue="etl", slots=1, busy=0)
    sign_in(redis, name="cpu-2@a", queue="cpu", slots=4, busy=1)
    sign_in(redis, name="cpu-1@a", queue="cpu", slots=4, busy=0)
    sign_in(redis, name="cpu-2@a", queue="cpu", slots=4, busy=3)

    assert [(worker.name, worker.slots, worker.busy) for worker in present(redis)] == [
        ("cpu-1@a", 4, 0),
        ("cpu-2@a", 4, 3),
        ("etl-1@b", 1, 0),
    ]


def test_a_silent_worker_is_gone_and_forgotten(redis: Redis) -> None:
    """It is not listed any more, and a worker that starts drops what is left of it."""
    sign_in(redis, name="cpu-1@a", queue="cpu", slots=4, busy=0)
    sign_in(redis, name="cpu-2@a", queue="cpu", slots=4, busy=0)
    _silence(redis, "cpu-1@a")

    listed = [worker.name for worker in present(redis)]
    kept = redis.hkeys(WORKERS_KEY)
    forget_the_gone(redis)

    assert (listed, set(kept)) == (["cpu-2@a"], {"cpu-1@a", "cpu-2@a"})
    assert redis.hkeys(WORKERS_KEY) == ["cpu-2@a"]


def test_what_nobody_of_us_wrote_is_no_worker(redis: Redis) -> None:
    """A text that cannot be read hides nobody else, and is dropped with the gone."""
    redis.hset(WORKERS_KEY, "stranger", "?")
    sign_in(redis, name="cpu-1@a", queue="cpu", slots=4, busy=0)

    listed = [worker.name for worker in present(redis)]
    forget_the_gone(redis)

    assert listed == redis.hkeys(WORKERS_KEY) == ["cpu-1@a"]
