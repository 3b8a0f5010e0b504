"""Migrations bring any database to the schema of the code, however many run them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateSchema

from queues.ledger import LedgerUnavailable, migrate
from queues.ledger.connection import open_engine
from queues.ledger.schema import METADATA, SCHEMA


def _rules(database_url: str) -> set[tuple[str, str]]:
    """Give every index and constraint of a database's tables as PostgreSQL writes it."""
    with psycopg.connect(database_url) as connection:
        return set(
            connection.execute(
                """SELECT indexname, indexdef FROM pg_indexes
                WHERE schemaname = 'riskfleet' AND tablename <> 'alembic_version'
                UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
                WHERE connamespace = 'riskfleet'::regnamespace
                    AND conrelid IS DISTINCT FROM to_regclass('riskfleet.alembic_version')"""
            ).fetchall()
        )


def test_an_empty_database_comes_to_the_newest_version(new_database: Callable[[], str]) -> None:
    """Before, it has no version; after, the newest; a second run finds nothing to do."""
    url = new_database()
    before = migrate.current(url)

    migrate.upgrade(url)
    migrate.upgrade(url)

    assert (before, migrate.current(url)) == (None, migrate.head())


def test_migrations_and_tables_agree(database_url: str) -> None:
    """Alembic finds no difference between the migrated database and the tables in the code."""
    with open_engine(database_url).connect() as connection:
        options = {"version_table_schema": SCHEMA, "include_schemas": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)

    assert differences == []


def test_migrations_and_tables_agree_on_the_rules(
    new_database: Callable[[], str], database_url: str
) -> None:
    """Nor do partial indexes and checks differ, which Alembic does not compare."""
    created = new_database()
    engine = create_engine(created)
    with engine.begin() as connection:
        connection.execute(CreateSchema(SCHEMA))
    METADATA.create_all(engine)
    engine.dispose()

    assert _rules(created) == _rules(database_url)


def test_four_at_once_migrate_once(new_database: Callable[[], str]) -> None:
    """A fleet that starts everywhere at the same moment migrates one after another."""
    url, start = new_database(), Barrier(4)

    def upgrade(_: int) -> None:
        start.wait()
        migrate.upgrade(url)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, range(4)))

    assert migrate.current(url) == migrate.head()


def test_no_database_is_a_reason_to_wait() -> None:
    """Where nothing listens, the caller is told to try again."""
    with pytest.raises(LedgerUnavailable):
        migrate.upgrade("postgresql://127.0.0.1:9/none")
