"""One way to connect to Redis."""

from __future__ import annotations

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry


def connect(url: str, *, patience_seconds: float = 30) -> Redis:
    """Connect to the Redis at `url`, lazily; replies are text, also where a client wrote bytes.

    A dead peer is noticed within `patience_seconds`; blocking reads may wait up to that.
    """
    client: Redis = Redis.from_url(
        url,
        decode_responses=True,
        # A stray byte in a key that clients write must not end the thread that reads it.
        encoding_errors="replace",
        socket_timeout=patience_seconds,
        socket_connect_timeout=min(patience_seconds, 5),
        socket_keepalive=True,
        health_check_interval=10,
        # Two quick tries: who calls has a better idea than this client of how long to wait.
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 2),
    )
    return client
