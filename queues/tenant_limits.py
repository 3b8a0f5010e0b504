"""How much a tenant may have at once, where scripts in Redis look it up.

The ledger's table of tenants is the truth; what is kept here is derived from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from redis import Redis

from queues.names import (
    ANY_TENANT,
    MAX_RUNNING_KEY,
    MAX_WAITING_KEY,
    Queue,
    lane_key,
    queue_keys,
    ring_key,
    slots_key,
)

LIST_KEYS = [key for queue in Queue for key in queue_keys(queue.value)]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a tenant may have at once; 0 is no limit, None what holds for every tenant."""

    max_running: int | None = None
    """Jobs in flight: in the hands of a worker, from its lane until they have ended."""
    max_waiting: int | None = None
    """Messages in its lanes, on all queues together, beyond which it may submit no more."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a tenant has at a moment."""

    running: int = 0
    waiting: int = 0


def keep(redis: Redis, limits: dict[str, Limits], *, default: Limits) -> None:
    """Let these limits hold, and no others."""
    with redis.pipeline(transaction=True) as pipe:
        pipe.delete(MAX_RUNNING_KEY, MAX_WAITING_KEY)
        for tenant, limit in {**limits, ANY_TENANT: default}.items():
            for key, most in _fields(limit):
                if most is not None:
                    pipe.hset(key, tenant, most)
        pipe.execute()


def change(redis: Redis, tenant: str, limits: Limits) -> None:
    """Let these limits of one tenant hold."""
    with redis.pipeline(transaction=True) as pipe:
        for key, most in _fields(limits):
            if most is None:
                pipe.hdel(key, tenant)
            else:
                pipe.hset(key, tenant, most)
        pipe.execute()


def standings(redis: Redis, tenants: Iterable[str] = ()) -> dict[str, Standing]:
    """Give what each tenant has that is in a ring, and these, by name."""
    rings = {key: redis.zrange(ring_key(key), 0, -1) for key in LIST_KEYS}
    names = sorted({*tenants, *(tenant for ring in rings.values() for tenant in ring)})
    waiting: defaultdict[str, int] = defaultdict(int)
    for key, ring in rings.items():
        for tenant in ring:
            waiting[tenant] += redis.llen(lane_key(key, tenant))
    return {
        name: Standing(running=redis.zcard(slots_key(name)), waiting=waiting[name])
        for name in names
    }


def _fields(limits: Limits) -> tuple[tuple[str, int | None], ...]:
    return (MAX_RUNNING_KEY, limits.max_running), (MAX_WAITING_KEY, limits.max_waiting)
