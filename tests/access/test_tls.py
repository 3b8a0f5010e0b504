"""Whoever reaches Redis by TLS knows that it is the right one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from pydantic import SecretStr
from redbeat.schedulers import ensure_conf, get_redis

from config.environment import ConfigurationError, read
from config.redis import RedisSettings
from config.workers import WorkerSettings
from queues.redis_access import WORKER
from queues.redis_connection import connect, split_tls
from tests.access.certificates import Authority
from tests.access.guarded_redis import GuardedRedis
from workers.broker_options import broker_options

Ping = Callable[[str], Any]


def _celery(url: str) -> Celery:
    app = Celery("test")
    redis = RedisSettings(url=SecretStr(url))
    app.conf.update(broker_options(redis, WorkerSettings(), None))
    return app


def _by_broker(url: str) -> Any:
    app = _celery(url)
    app.conf.broker_transport_options |= {"max_retries": 1, "interval_start": 0}
    with app.connection_for_write() as connection:
        return connection.default_channel.client.ping()


def _by_result_backend(url: str) -> Any:
    return _celery(url).backend.client.ping()


def _by_beat(url: str) -> Any:
    app = _celery(url)
    ensure_conf(app)
    return get_redis(app).ping()


def _by_ourselves(url: str) -> Any:
    return connect(url).ping()


@pytest.mark.parametrize("ping", [_by_ourselves, _by_broker, _by_result_backend, _by_beat])
class TestEveryConnection:
    """Celery, kombu and RedBeat each connect in a way of their own."""

    def test_believes_the_authority_it_was_given(
        self, ping: Ping, guarded_redis: GuardedRedis
    ) -> None:
        """One REDIS_URL says it all."""
        assert ping(guarded_redis.tls_url_of(WORKER)) is True

    def test_refuses_another_authority(
        self, ping: Ping, guarded_redis: GuardedRedis, tmp_path: Path
    ) -> None:
        """A server whose certificate somebody else signed gets no password."""
        url = guarded_redis.tls_url_of(WORKER, Authority(tmp_path, "another"))

        with pytest.raises(Exception, match="certificate verify failed"):
            ping(url)

    def test_refuses_by_default(self, ping: Ping, guarded_redis: GuardedRedis) -> None:
        """`rediss://` alone believes whom the system believes, and not everybody."""
        url, _ = split_tls(guarded_redis.tls_url_of(WORKER))

        with pytest.raises(Exception, match="certificate verify failed"):
            ping(url)

    def test_refuses_another_host(self, ping: Ping, guarded_redis: GuardedRedis) -> None:
        """A certificate is for an address: another server's does not do."""
        url = guarded_redis.tls_url_of(WORKER).replace("@127.0.0.1", "@localhost")

        with pytest.raises(Exception, match="Hostname mismatch"):
            ping(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rediss://here/0?ssl_ca_certs=/nowhere/ca.pem", "a URL whose ssl_ca_certs names a file"),
        ("redis://here/0?ssl_ca_certs=/nowhere/ca.pem", "begins with rediss:// where it has ssl_"),
    ],
)
def test_what_cannot_be_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: str
) -> None:
    """A file that is not there is a mistake in REDIS_URL, not a Redis that does not answer."""
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(ConfigurationError, match=f"REDIS_URL: expected .*{expected}"):
        read(RedisSettings)


def test_a_certificate_of_our_own() -> None:
    """All that a URL says of TLS reaches Celery, and what else it says stays in the URL."""
    url = "rediss://u:p@here:6379/0?ssl_certfile=/c.pem&ssl_keyfile=/c.key&protocol=2"

    assert split_tls(url) == (
        "rediss://u:p@here:6379/0?protocol=2",
        {"ssl_cert_reqs": "required", "ssl_certfile": "/c.pem", "ssl_keyfile": "/c.key"},
    )
