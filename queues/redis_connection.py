"""One way to connect to Redis."""

from __future__ import annotations

from redis import Redis


def connect(url: str) -> Redis:
    """Connect to the Redis at `url`, lazily; replies are text, also where a client wrote bytes.

    A dead peer is noticed within half a minute; blocking reads may wait up to that.
    """
    client: Redis = Redis.from_url(
        url,
        decode_responses=True,
        # A stray byte in a key that clients write must not end the thread that reads it.
        encoding_errors="replace",
        socket_timeout=30,
        socket_connect_timeout=5,
        socket_keepalive=True,
        health_check_interval=10,
    )
    return client
