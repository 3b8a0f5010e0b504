"""How often each token may ask: a bucket that fills at a steady rate and is emptied by use."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

_LOOKED_THROUGH_AT = 10_000


@dataclass
class _Bucket:
    level: float
    at: float


class RateLimit:
    """Counts in the memory of this process: two gateways allow twice as much."""

    def __init__(
        self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._buckets: dict[Hashable, _Bucket] = {}
        self._lock = threading.Lock()

    def wait_for(self, who: Hashable) -> float:
        """Count one request; give 0, or if it is too much how many seconds to wait."""
        now = self._clock()
        with self._lock:
            if len(self._buckets) >= _LOOKED_THROUGH_AT:
                self._forget_full_ones(now)
            bucket = self._buckets.setdefault(who, _Bucket(self._burst, now))
            bucket.level = self._level(bucket, now)
            bucket.at = now
            if bucket.level < 1:
                return (1 - bucket.level) / self._per_second
            bucket.level -= 1
            return 0

    def _level(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.level + (now - bucket.at) * self._per_second)

    def _forget_full_ones(self, now: float) -> None:
        """Drop who has been quiet: a bucket that is not there is full."""
        self._buckets = {
            who: bucket
            for who, bucket in self._buckets.items()
            if self._level(bucket, now) < self._burst
        }
