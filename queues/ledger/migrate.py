"""Bring a database's tables to the version that this code expects."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.schema import CreateSchema

from queues.ledger.connection import open_engine, transaction
from queues.ledger.schema import SCHEMA

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = int.from_bytes(b"riskflee", "big")
"""The advisory lock of migrations, a number nobody else has reason to take."""


def upgrade(database_url: str) -> None:
    """Migrate to the newest version, in one transaction; of several callers, one after another."""
    with transaction(open_engine(database_url)) as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(database_url: str) -> str | None:
    """Give the version a database is at; none if it never was migrated."""
    with transaction(open_engine(database_url)) as connection:
        options = {"version_table_schema": SCHEMA}
        return MigrationContext.configure(connection, opts=options).get_current_revision()


def head() -> str | None:
    """Give the newest version."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    # Alembic reads options with interpolation, in which a lone % is an error.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
