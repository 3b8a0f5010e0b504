"""What a worker process holds: a real Redis and a real ledger, both empty, and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from queues.artifacts import open_store
from queues.events import EventChannel
from queues.ledger import Ledger
from queues.redis_connection import connect
from tests.conftest import new_database
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis
from workers.resources import Resources


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def shared_database(postgres: EmbeddedPostgres) -> str:
    return new_database(postgres)


@pytest.fixture
def resources(
    shared_redis: EmbeddedRedis, shared_database: str, tmp_path: Path
) -> Iterator[Resources]:
    with psycopg.connect(shared_database) as connection:
        connection.execute(
            "TRUNCATE riskfleet.job, riskfleet.job_event, riskfleet.task_statistics,"
            " riskfleet.outbox CASCADE"
        )
    redis = connect(shared_redis.url)
    redis.flushall()
    ledger = Ledger(shared_database)
    yield Resources(
        redis=redis,
        events=EventChannel(redis),
        ledger=ledger,
        artifacts=open_store(str(tmp_path / "artifacts")),
    )
    ledger.close()
    redis.close()
