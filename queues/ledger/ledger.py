"""The ledger as the fleet uses it: jobs are claimed, finished, released and looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from queues.ledger import queries, statements
from queues.ledger.connection import Connections, open_engine, transaction
from queues.ledger.errors import UnknownJob
from queues.ledger.outbox import Outbox
from queues.ledger.records import (
    Claim,
    Claimed,
    Conflict,
    Event,
    Finished,
    Held,
    Job,
    JobSummary,
    StaleJob,
    State,
    Submission,
    documents,
)


class Ledger:
    """The record of every job. May be shared by threads and inherited by forked processes.

    A method raises `LedgerUnavailable` when Postgres does not answer; it never tries twice.
    """

    def __init__(self, database_url: str, *, kept_connections: int = 0) -> None:
        self._connections = Connections(database_url)
        self.engine = open_engine(database_url, kept_connections=kept_connections)
        """For reading, retention and statistics."""

    def close(self) -> None:
        """Close this process's connections; a later call opens new ones."""
        self._connections.close()

    def open_outbox(self) -> Outbox:
        """Give the outbox to one who relays it, with connections of its own."""
        return Outbox(self._connections.connect)

    def claim(
        self, submission: Submission, *, worker: str, lease: timedelta, versions: str
    ) -> Claim:
        """Take the job to run it, or learn why not.

        A job the ledger has not seen is recorded; one whose lease has ended is taken over. Of any
        number who claim at once, one gets it. If the answer is lost on the way, the job is held
        until its lease ends.
        """
        parameters = _document(submission) | {
            "worker": worker,
            "lease": lease,
            "versions": versions,
        }
        while True:
            try:
                row = self._connections.execute(statements.CLAIM, parameters)
            except psycopg.errors.ForeignKeyViolation as error:
                raise UnknownJob(f"parent {submission.parent_id} of {submission.id}") from error
            if row is not None:
                return Claimed(*row)
            standing = self._standing(submission)
            if standing is not None:
                return standing

    def finish(
        self,
        job_id: UUID,
        fence: int,
        state: State,
        *,
        reason: str | None = None,
        result: str | None = None,
        error: str | None = None,
    ) -> bool:
        """End the job with this outcome, and tell whether it stands.

        It does not if the job was given to another attempt meanwhile, or ended otherwise.
        Unfinished shards are cancelled. Raises `UnknownJob`.
        """
        row = self._connections.execute(
            statements.FINISH,
            {
                "id": job_id,
                "fence": fence,
                "state": state,
                "reason": reason,
                "result": result,
                "error": error,
            },
        )
        if row is None:
            raise UnknownJob(f"job {job_id}")
        return bool(row[0])

    def settle(
        self, job_id: UUID, *, worker: str, state: State, reason: str | None, error: str | None
    ) -> bool:
        """End a job that `worker` still holds, from outside the process that ran it."""
        return self._told(
            statements.SETTLE,
            id=job_id,
            worker=worker,
            state=state,
            reason=reason,
            result=None,
            error=error,
        )

    def release(
        self,
        job_id: UUID,
        *,
        worker: str,
        reason: str,
        fence: int | None = None,
        not_before: datetime | None = None,
        counts: bool = True,
    ) -> bool:
        """Give a job back for another attempt; if this one does not count, it is given back too."""
        return self._told(
            statements.RELEASE,
            id=job_id,
            worker=worker,
            reason=reason,
            fence=fence,
            not_before=not_before,
            given_back=0 if counts else 1,
        )

    def renew(self, worker: str, job_ids: Sequence[UUID], lease: timedelta) -> int:
        """Let the leases of these jobs end `lease` from now; give how many `worker` still holds."""
        return self._counted(statements.RENEW, ids=list(job_ids), worker=worker, lease=lease)

    def register(self, submissions: Sequence[Submission]) -> int:
        """Record jobs as accepted, known ones excepted; give how many were new."""
        return self._counted(statements.REGISTER, submissions=documents(submissions))

    def delegate(self, job_id: UUID, fence: int, children: Sequence[Submission]) -> bool:
        """Hand a running job over to its shards, which are recorded as accepted.

        It stays running, without worker and lease, until `take_up`, `restart` or `finish`. A
        shard's id is new for every attempt: known ids are left as they are.
        """
        return self._told(
            statements.DELEGATE,
            id=job_id,
            fence=fence,
            submissions=documents(children),
            shards=len(children),
        )

    def take_up(self, job_id: UUID, fence: int, *, worker: str, lease: timedelta) -> Claimed | None:
        """Continue a delegated job to merge it, in the same attempt; none if another does."""
        row = self._connections.execute(
            statements.TAKE_UP, {"id": job_id, "fence": fence, "worker": worker, "lease": lease}
        )
        return None if row is None else Claimed(*row)

    def restart(self, job_id: UUID, fence: int) -> bool:
        """Give a delegated job back for another attempt; cancel its unfinished shards."""
        return self._told(statements.RESTART, id=job_id, fence=fence)

    def cancel(self, job_id: UUID, reason: str, *, error: str | None = None) -> State | None:
        """End the job if nobody has taken it yet; give its state then, none if it is unknown."""
        row = self._connections.execute(
            statements.CANCEL, {"id": job_id, "reason": reason, "error": error}
        )
        return None if row is None else State(row[0])

    def record_comparison(
        self, job_id: UUID, *, agrees: bool, compared: int, differences: str
    ) -> bool:
        """Keep how a job's result compares with its caller's own; not for a job that is gone.

        `differences` is JSON, as `queues.ledger.shadow` gives it back.
        """
        return self._told(
            statements.RECORD_COMPARISON,
            id=job_id,
            agrees=agrees,
            compared=compared,
            differences=differences,
        )

    def resent(self, job_ids: Sequence[UUID]) -> int:
        """Note that messages were sent again, so that these jobs are not stale for a while."""
        return self._counted(statements.RESENT, ids=list(job_ids))

    def seen(self, job_ids: Sequence[UUID]) -> int:
        """Note that these jobs' messages are where they should be: they are not stale."""
        return self._counted(statements.SEEN, ids=list(job_ids))

    def stale(self, *, older_than: timedelta, limit: int) -> list[StaleJob]:
        """Give jobs of which nothing was heard for so long: first those that wait, then others."""
        with transaction(self.engine) as connection:
            return queries.stale(connection, older_than=older_than, limit=limit)

    def get(self, job_id: UUID) -> Job | None:
        """Give a job with its documents."""
        with transaction(self.engine) as connection:
            return queries.get(connection, job_id)

    def jobs(
        self,
        *,
        state: State | None = None,
        task: str | None = None,
        tenant: str | None = None,
        since: datetime | None = None,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 100,
        parents_only: bool = True,
    ) -> list[JobSummary]:
        """Give jobs, the latest accepted first; those behind one, by its time and id, to go on."""
        with transaction(self.engine) as connection:
            return queries.jobs(
                connection,
                state=state,
                task=task,
                tenant=tenant,
                since=since,
                before=before,
                limit=limit,
                parents_only=parents_only,
            )

    def children(self, job_id: UUID) -> list[Job]:
        """Give a job's shards of all attempts, the first accepted first."""
        with transaction(self.engine) as connection:
            return queries.children(connection, job_id)

    def events(self, job_id: UUID) -> list[Event]:
        """Give what happened to a job, in order."""
        with transaction(self.engine) as connection:
            return queries.events(connection, job_id)

    def _standing(self, submission: Submission) -> Finished | Held | Conflict | None:
        """Say why a claim got nothing; none if it would get the job now."""
        row = self._connections.execute(
            statements.STANDING,
            {"id": submission.id, "request_hash": submission.request_hash},
        )
        if row is None:
            return None
        state, reason, result, error, worker, lease_until, same_request, claimable = row
        if not same_request:
            return Conflict()
        if State(state).is_final:
            return Finished(State(state), reason, result, error)
        return None if claimable else Held(worker, lease_until)

    def _told(self, statement: str, **parameters: Any) -> bool:
        row = self._connections.execute(statement, parameters)
        return row is not None and bool(row[0])

    def _counted(self, statement: str, **parameters: Any) -> int:
        row = self._connections.execute(statement, parameters)
        return 0 if row is None else int(row[0])


def _document(submission: Submission) -> dict[str, Any]:
    """Give a submission as the parameters of a statement."""
    return vars(submission) | {"headers": json.dumps(submission.headers)}
