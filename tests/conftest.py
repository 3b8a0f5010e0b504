"""Services that tests share: one Postgres and one Redis a session, a database of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import make_url

from queues.ledger import migrate
from tests.fleet import FleetUnderTest
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

_numbers = count(1)

# The same cases everywhere and every time; and no stopwatch: what is compiled takes its time once.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A running Postgres, shared by all tests that do not break it."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> str:
    """A migrated database that nobody else uses."""
    return new_database(postgres)


def new_database(postgres: EmbeddedPostgres) -> str:
    """Make a migrated database on a server and give its URL."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = make_url(postgres.url).set(database=name).render_as_string(hide_password=False)
    migrate.upgrade(url)
    return url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A running Redis that nobody else uses; it may be killed and started again."""
    with EmbeddedRedis(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def fleet(
    tmp_path: Path, redis_server: EmbeddedRedis, database_url: str
) -> Iterator[FleetUnderTest]:
    """A fleet without workers: a test starts those it wants."""
    with FleetUnderTest(tmp_path, redis_server, database_url) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def shared_fleet(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres
) -> Iterator[FleetUnderTest]:
    """A running fleet for tests that leave it as they found it."""
    with running_fleet(tmp_path_factory.mktemp("fleet"), postgres) as fleet:
        yield fleet


@contextmanager
def running_fleet(folder: Path, postgres: EmbeddedPostgres) -> Iterator[FleetUnderTest]:
    """Run a cpu worker and the one that keeps house, on a Redis and a database of their own."""
    with (
        EmbeddedRedis(folder / "redis") as redis,
        FleetUnderTest(folder, redis, new_database(postgres)) as fleet,
    ):
        fleet.start()
        fleet.start("housekeeping")
        yield fleet
