"""How the ledger reaches Postgres: a connection per thread for jobs, one per use for the rest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import psycopg
import sqlalchemy
from psycopg.rows import TupleRow
from sqlalchemy import NullPool, create_engine, make_url

from queues.ledger.errors import LedgerRefused, LedgerUnavailable

# A server that vanished without a word is noticed within about ten seconds.
_CONNECT_OPTIONS: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "fallback_application_name": "riskfleet",
}
_REFUSALS = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)


class Connections:
    """A connection for each process and thread, opened when first used and again when lost."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url).set(drivername="postgresql")
        self._conninfo = url.render_as_string(hide_password=False)
        self._here = threading.local()
        self._open: WeakSet[psycopg.Connection[TupleRow]] = WeakSet()
        self._lock = threading.Lock()

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> TupleRow | None:
        """Run one statement as a transaction of its own, and give its first row."""
        whole = False
        try:
            row = self._connection().execute(statement, parameters).fetchone()
            whole = True
            return row
        except (psycopg.IntegrityError, psycopg.DataError):
            raise
        except psycopg.Error as error:
            # Also what a missing migration or a read-only standby says: both pass.
            raise LedgerUnavailable(str(error)) from error
        finally:
            # A time limit may strike in mid-statement, and leaves a connection nobody can use.
            if not whole and getattr(self._here, "process", None) == os.getpid():
                self._here.connection.close()

    def close(self) -> None:
        """Close this process's connections, of all threads; a later call opens new ones."""
        with self._lock:
            while self._open:
                self._open.pop().close()

    def _connection(self) -> psycopg.Connection[TupleRow]:
        # After a fork the parent's connection is still here; using it would mix both streams.
        if getattr(self._here, "process", None) != os.getpid() or self._here.connection.closed:
            self._here.connection = self.connect()
            self._here.process = os.getpid()
        connection: psycopg.Connection[TupleRow] = self._here.connection
        return connection

    def connect(self) -> psycopg.Connection[TupleRow]:
        """Open a connection for whoever keeps it; `close` closes it too."""
        connection = psycopg.connect(
            self._conninfo, autocommit=True, prepare_threshold=0, **_CONNECT_OPTIONS
        )
        with self._lock:
            self._open.add(connection)
        return connection


def open_engine(database_url: str, *, kept_connections: int = 0) -> sqlalchemy.Engine:
    """Give an engine for reading and upkeep.

    Both are rare in a worker: it opens a connection for each use, so that no pool is inherited by
    a fork. A process that never forks may keep some.
    """
    pool: dict[str, Any] = {"poolclass": NullPool}
    if kept_connections:
        pool = {"pool_size": kept_connections, "max_overflow": -1, "pool_pre_ping": True}
    return create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"),
        connect_args=_CONNECT_OPTIONS,
        **pool,
    )


@contextmanager
def transaction(engine: sqlalchemy.Engine) -> Iterator[sqlalchemy.Connection]:
    """Commit what the block does, or nothing of it."""
    try:
        with engine.begin() as connection:
            yield connection
    except sqlalchemy.exc.OperationalError as error:
        raise LedgerUnavailable(str(error.orig)) from error
    except sqlalchemy.exc.ProgrammingError as error:
        if isinstance(error.orig, _REFUSALS):
            # The first line: what follows is the statement.
            raise LedgerRefused(str(error.orig).partition("\n")[0]) from error
        raise
