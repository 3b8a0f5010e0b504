"""The embedded Redis is real, private, and keeps what it was given."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, ConnectionError
from redis.retry import Retry

from workers.embedded.redis import EmbeddedRedis
from workers.embedded.server import ServerFailed

AT_ONCE = Retry(NoBackoff(), 0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path / "redis") as server:
        yield server


def test_it_forgets_nothing_and_refuses_when_full(server: EmbeddedRedis) -> None:
    """Writes go to a file, and a full memory is an error, not an eviction."""
    client = Redis.from_url(server.url, decode_responses=True)

    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_it_wants_its_password(server: EmbeddedRedis) -> None:
    """Another user of the machine who finds the port learns nothing."""
    port = Redis.from_url(server.url).connection_pool.connection_kwargs["port"]

    with pytest.raises(AuthenticationError):
        Redis(host="127.0.0.1", port=port, retry=AT_ONCE).ping()


def test_its_files_are_private(server: EmbeddedRedis) -> None:
    """The password is in two files, and only the owner reads them."""
    modes = [(server.folder / name).stat().st_mode for name in ("password", "redis.conf")]

    assert [stat.S_IMODE(mode) for mode in modes] == [0o600, 0o600]


def test_a_crash_keeps_address_and_data(server: EmbeddedRedis) -> None:
    """Killed and started again, it has the same URL and what was written before."""
    Redis.from_url(server.url).set("key", "value")

    server.kill()
    with pytest.raises(ConnectionError):
        Redis.from_url(server.url, retry=AT_ONCE).ping()
    server.start()

    assert Redis.from_url(server.url).get("key") == b"value"


def test_a_folder_is_used_again(tmp_path: Path) -> None:
    """A second server on the same folder finds the data of the first."""
    with EmbeddedRedis(tmp_path) as first:
        Redis.from_url(first.url).set("key", "value")
    with EmbeddedRedis(tmp_path) as second:
        assert Redis.from_url(second.url).get("key") == b"value"


def test_the_port_is_kept(tmp_path: Path) -> None:
    """The address is the same from start to start, unless somebody else has taken the port."""
    with EmbeddedRedis(tmp_path) as first:
        meanwhile = EmbeddedRedis(tmp_path).url
    again, once_more = EmbeddedRedis(tmp_path).url, EmbeddedRedis(tmp_path).url

    assert meanwhile != first.url
    assert [again, once_more] == [meanwhile, meanwhile]


def test_a_taken_port_is_said(tmp_path: Path, server: EmbeddedRedis) -> None:
    """A server that cannot start says what it said, instead of waiting for ever."""
    port = Redis.from_url(server.url).connection_pool.connection_kwargs["port"]

    with pytest.raises(ServerFailed, match="Address already in use"):
        EmbeddedRedis(tmp_path / "second", port=port).start()
