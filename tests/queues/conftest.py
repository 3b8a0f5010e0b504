"""A real Redis, empty at the start of each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from queues.redis_connection import connect
from workers.embedded.redis import EmbeddedRedis


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(shared_redis: EmbeddedRedis) -> Iterator[Redis]:
    with connect(shared_redis.url) as client:
        client.flushall()
        yield client
