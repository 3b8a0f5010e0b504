"""Which workers are there, how many jobs each can run, and how many it runs."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, ValidationError
from redis import Redis

from queues import redis_clock
from queues.names import WORKERS_KEY

HEARD_WITHIN = timedelta(seconds=10)
"""A worker of which nothing was heard for longer is not there."""


class PresentWorker(BaseModel):
    """What a worker says of itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    queue: str
    slots: int
    busy: int
    at: float
    """Seconds since 1970 by the clock of Redis, which all workers share."""


def sign_in(redis: Redis, *, name: str, queue: str, slots: int, busy: int) -> None:
    """Say that a worker is there; to be repeated more often than `HEARD_WITHIN`."""
    worker = PresentWorker(
        name=name, queue=queue, slots=slots, busy=busy, at=redis_clock.now(redis)
    )
    redis.hset(WORKERS_KEY, name, worker.model_dump_json())


def present(redis: Redis) -> list[PresentWorker]:
    """Give the workers that are there, by queue and name."""
    since = redis_clock.now(redis) - HEARD_WITHIN.total_seconds()
    found = [worker for worker in _signed(redis).values() if worker and worker.at >= since]
    return sorted(found, key=lambda worker: (worker.queue, worker.name))


def forget_the_gone(redis: Redis) -> None:
    """Drop what is left of workers that are no longer there."""
    since = redis_clock.now(redis) - HEARD_WITHIN.total_seconds()
    gone = [name for name, worker in _signed(redis).items() if not worker or worker.at < since]
    if gone:
        redis.hdel(WORKERS_KEY, *gone)


def _signed(redis: Redis) -> dict[str, PresentWorker | None]:
    return {name: _read(text) for name, text in redis.hgetall(WORKERS_KEY).items()}


def _read(text: str) -> PresentWorker | None:
    try:
        return PresentWorker.model_validate_json(text)
    except ValidationError:
        return None
