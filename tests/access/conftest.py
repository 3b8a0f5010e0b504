"""A Redis 7 and a database with the users that `fleet acl` prints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from queues.redis_access import BACKEND, READONLY, WORKER
from queues.redis_connection import connect
from tests.access.guarded_postgres import GuardedDatabase
from tests.access.guarded_redis import ADMIN, GuardedRedis
from workers.embedded.postgres import EmbeddedPostgres

Users = dict[str, Redis]


@pytest.fixture(scope="session")
def guarded_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedRedis]:
    """The server, shared by all tests of this folder."""
    with GuardedRedis(tmp_path_factory.mktemp("guarded-redis")) as server:
        yield server


@pytest.fixture(scope="session")
def users(guarded_redis: GuardedRedis) -> Users:
    """A client for each user."""
    return {
        user: connect(guarded_redis.url_of(user)) for user in (BACKEND, WORKER, READONLY, ADMIN)
    }


@pytest.fixture(scope="session")
def guarded_database(postgres: EmbeddedPostgres) -> GuardedDatabase:
    """The database, shared by all tests of this folder."""
    return GuardedDatabase(postgres.url)
