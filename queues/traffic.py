"""What waits in Redis and what is on its way, counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from redis import Redis

from queues.attendance import PresentWorker, present
from queues.names import (
    DEAD_LETTERS_KEY,
    PARKED_KEY,
    PRIORITY_OF_STEP,
    SERVING_ORDER,
    UNACKED_KEY,
    Priority,
    Queue,
    queue_key,
)

_LISTS = {
    queue_key(queue, step): (queue, PRIORITY_OF_STEP.get(step, Priority.LOW))
    for queue in Queue
    for step in SERVING_ORDER
}


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Redis at one moment."""

    waiting: Mapping[tuple[Queue, Priority], int]
    """Messages on the lists and tickets put aside for tenants at their cap; zeros included."""
    in_hand: int
    dead_letters: int
    workers: tuple[PresentWorker, ...]
    memory_used_bytes: int
    memory_max_bytes: int
    """0 without a limit."""
    round_trip_seconds: float


def traffic(redis: Redis) -> Traffic:
    """Count what is in Redis; two round trips and a few, whatever waits there."""
    began = time.perf_counter()
    redis.ping()
    round_trip_seconds = time.perf_counter() - began
    with redis.pipeline(transaction=False) as pipe:
        for key in _LISTS:
            pipe.llen(key)
        pipe.hgetall(PARKED_KEY)
        pipe.hlen(UNACKED_KEY)
        pipe.xlen(DEAD_LETTERS_KEY)
        pipe.info("memory")
        *lengths, parked, in_hand, dead_letters, memory = pipe.execute()
    waiting: Counter[tuple[Queue, Priority]] = Counter()
    for (key, place), length in zip(_LISTS.items(), lengths, strict=True):
        waiting[place] += length + _count(parked.get(key))
    return Traffic(
        waiting=dict(waiting),
        in_hand=in_hand,
        dead_letters=dead_letters,
        workers=tuple(present(redis)),
        memory_used_bytes=memory["used_memory"],
        memory_max_bytes=memory["maxmemory"],
        round_trip_seconds=round_trip_seconds,
    )


def _count(text: str | None) -> int:
    """Read a count that a script keeps; clients can write there, so it may be anything."""
    return int(text) if text is not None and text.isdecimal() else 0
