"""The clock that all workers share; their own differ."""

from __future__ import annotations

from redis import Redis


def now(redis: Redis) -> float:
    """Give the seconds since 1970 by the clock of Redis."""
    seconds, microseconds = redis.time()
    return float(seconds) + float(microseconds) / 1e6
