"""A migrated, empty ledger, and jobs in every position to put into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from queues.ledger import Claimed, Ledger, Submission, migrate
from workers.embedded.postgres import EmbeddedPostgres

Ask = Callable[..., Submission]
NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def new_database(postgres: EmbeddedPostgres) -> NewDatabase:
    """Give the URL of a new, empty database at each call."""

    def create() -> str:
        name = f"ledger_{uuid4().hex}"
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return make_url(postgres.url).set(database=name).render_as_string(hide_password=False)

    return create


@pytest.fixture(scope="session")
def database_url(new_database: NewDatabase) -> str:
    url = new_database()
    migrate.upgrade(url)
    return url


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "TRUNCATE riskfleet.job, riskfleet.job_event, riskfleet.task_statistics,"
            " riskfleet.outbox CASCADE"
        )
    ledger = Ledger(database_url)
    yield ledger
    ledger.close()


@pytest.fixture
def ask() -> Ask:
    """Give a new submission; whatever matters to the test is said by keyword."""

    def build(**details: object) -> Submission:
        ordinary = {
            "id": uuid4(),
            "task": "fleet.echo",
            "tenant": "acme",
            "queue": "cpu",
            "priority": "normal",
            "request": '{"message": "hello"}',
            "request_hash": "4b1d",
        }
        return Submission(**ordinary | details)

    return build


@pytest.fixture
def claim(ledger: Ledger) -> Callable[..., Claimed]:
    """Claim a job that is there for the taking."""

    def take(
        submission: Submission, worker: str = "cpu@here", lease: timedelta = timedelta(minutes=1)
    ) -> Claimed:
        claimed = ledger.claim(submission, worker=worker, lease=lease, versions="riskfleet 1")
        assert isinstance(claimed, Claimed)
        return claimed

    return take
