"""One way to connect to Redis."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

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


def split_tls(url: str) -> tuple[str, dict[str, str]]:
    """Give a URL without what it says of TLS, and that; for whoever does not read it there.

    redis-py reads it, and unless told otherwise checks the server's certificate and its host name.
    Celery and kombu by themselves check neither, so without TLS the second is empty, and with TLS
    never.
    """
    parts = urlsplit(url)
    query = parse_qsl(parts.query)
    tls = {name: value for name, value in query if name.startswith("ssl_")}
    others = [(name, value) for name, value in query if name not in tls]
    if parts.scheme == "rediss":
        tls = {"ssl_cert_reqs": "required", **tls}
    return parts._replace(query=urlencode(others)).geturl(), tls
