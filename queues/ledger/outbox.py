"""The outbox: jobs that backends wrote with their own transactions, on their way to the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, TupleRow, dict_row

from queues.ledger.errors import LedgerUnavailable
from queues.ledger.records import Submission, documents
from queues.ledger.statements import ENQUEUED, KNOWN_HASHES, REGISTER_ENQUEUED, UNENQUEUE

_LISTEN = "LISTEN riskfleet_outbox"

Connection = psycopg.Connection[TupleRow]


@dataclass(frozen=True, kw_only=True)
class EnqueuedRow:
    """A job as a backend wrote it. Moments are texts: Postgres knows some that Python does not."""

    position: int
    id: UUID
    task: str
    tenant: str
    priority: str
    request: str
    expected: str | None
    schema_hash: str | None
    traceparent: str | None
    tracestate: str | None
    not_before: str | None
    deadline: str | None
    origin: str | None
    enqueued_at: str


class EnqueuedBatch:
    """Rows that are locked for whoever holds this, until its transaction ends."""

    def __init__(self, connection: Connection, rows: Sequence[EnqueuedRow]) -> None:
        self._connection = connection
        self.rows = rows

    def register(self, submissions: Mapping[int, Submission]) -> set[UUID]:
        """Record jobs, by their rows' positions, as accepted; give those that were new."""
        parameters = {
            "submissions": documents(list(submissions.values())),
            "positions": list(submissions),
        }
        return {job_id for (job_id,) in self._connection.execute(REGISTER_ENQUEUED, parameters)}

    def request_hashes(self, job_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Give the hashes of what those of these jobs that the ledger knows were asked."""
        return dict(self._connection.execute(KNOWN_HASHES, {"ids": list(job_ids)}))

    def remove(self, rows: Sequence[EnqueuedRow]) -> None:
        """Take rows out of the outbox, if the transaction commits."""
        self._connection.execute(UNENQUEUE, {"positions": [row.position for row in rows]})


class Outbox:
    """The outbox as its relay sees it. For one thread; its two connections are made when needed.

    Raises `LedgerUnavailable` when Postgres does not answer.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._listening: Connection | None = None
        self._working: Connection | None = None

    def wait(self, timeout_seconds: float) -> None:
        """Wait until a backend's transaction has enqueued something, or for so long."""
        with _unavailability():
            if self._listening is None or self._listening.closed:
                self._listening = self._connect()
                self._listening.execute(_LISTEN)
                return  # what was announced before is not told again
            for _ in self._listening.notifies(timeout=timeout_seconds, stop_after=1):
                pass

    @contextmanager
    def locked(
        self, *, rows: int, size_bytes: int, without: Sequence[str] = ()
    ) -> Iterator[EnqueuedBatch]:
        """Lock the oldest rows that nobody else has; commit what the block does, or nothing of it.

        Tenants in `without` are passed over. What is beyond `size_bytes` in all is locked too, but
        not given.
        """
        with _unavailability():
            if self._working is None or self._working.closed:
                self._working = self._connect()
            with self._working.transaction(), self._working.cursor(row_factory=dict_row) as cursor:
                parameters = {"rows": rows, "size_bytes": size_bytes, "without": list(without)}
                found: list[DictRow] = cursor.execute(ENQUEUED, parameters).fetchall()
                yield EnqueuedBatch(self._working, [EnqueuedRow(**row) for row in found])


@contextmanager
def _unavailability() -> Iterator[None]:
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError):
        raise
    except psycopg.Error as error:
        raise LedgerUnavailable(str(error)) from error
