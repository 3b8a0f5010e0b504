"""How long ended jobs are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from queues.ledger.connection import transaction
from queues.ledger.records import State
from queues.ledger.schema import job

BATCH_SIZE = 1000
"""Jobs deleted in one transaction: so few that nobody waits long for a lock or for vacuum."""


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long after its end a job is kept, by how it ended."""

    succeeded: timedelta
    failed: timedelta
    cancelled: timedelta

    def of(self, state: State) -> timedelta:
        """Give the time for a final state."""
        return {
            State.SUCCEEDED: self.succeeded,
            State.FAILED: self.failed,
            State.CANCELLED: self.cancelled,
        }[state]


def apply(engine: Engine, policy: Retention, now: datetime) -> dict[State, int]:
    """Delete the jobs that were kept long enough, with their shards and events; count the jobs."""
    return {
        state: _delete_ended(engine, state, before=now - policy.of(state))
        for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)
    }


def _delete_ended(engine: Engine, state: State, *, before: datetime) -> int:
    expired = (
        select(job.c.id)
        .where(job.c.parent_id.is_(None), job.c.state == state, job.c.finished_at < before)
        .limit(BATCH_SIZE)
        .with_for_update(skip_locked=True)
    )
    deleted = 0
    while True:
        with transaction(engine) as connection:
            batch = connection.execute(delete(job).where(job.c.id.in_(expired))).rowcount
        deleted += batch
        if batch < BATCH_SIZE:
            return deleted
