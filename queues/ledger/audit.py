"""Who did what: acts of people and of the gateway, beside what the ledger says of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, Text, insert, null, select, type_coerce, union_all

from queues.ledger.connection import transaction
from queues.ledger.schema import audit_event, job, job_event


class Action(StrEnum):
    """What was done."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    REPLAY = "replay"
    DROP = "drop"
    PUT_SCHEDULE = "put_schedule"
    PAUSE_SCHEDULE = "pause_schedule"
    RESUME_SCHEDULE = "resume_schedule"
    REMOVE_SCHEDULE = "remove_schedule"
    SET_TENANT = "set_tenant"
    CREATE_TOKEN = "create_token"  # noqa: S105 - an act, not a password
    REVOKE_TOKEN = "revoke_token"  # noqa: S105
    ACCEPTED = "accepted"
    """Said by the ledger: it has the job. The actor is who the message says sent it."""
    CANCELLED = "cancelled"
    """Said by the ledger: the job ended so. The detail has the reason."""


_SAID_BY_LEDGER = (Action.ACCEPTED, Action.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """Something that was done; written once, never changed."""

    at: datetime
    """By the clock of Postgres."""
    actor: str | None
    """`cli:<user>@<host>`, `gateway:<token>`, or the origin that a sender claims."""
    action: Action
    tenant: str | None
    job_id: UUID | None
    detail: dict[str, Any] | None


class AuditTrail:
    """The acts that were recorded. A method raises `LedgerUnavailable` if Postgres is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(
        self,
        *,
        actor: str,
        action: Action,
        tenant: str | None = None,
        job_id: UUID | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Record an act."""
        with self.recording(
            actor=actor, action=action, tenant=tenant, job_id=job_id, detail=detail
        ):
            pass

    @contextmanager
    def recording(
        self,
        *,
        actor: str,
        action: Action,
        tenant: str | None = None,
        job_id: UUID | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Iterator[None]:
        """Record what the block does, unless it raises; what cannot be recorded is not done."""
        with transaction(self._engine) as connection:
            connection.execute(
                insert(audit_event).values(
                    actor=actor,
                    action=action.value,
                    tenant=tenant,
                    job_id=job_id,
                    detail=null() if detail is None else detail,
                )
            )
            yield

    def events(
        self,
        *,
        tenant: str | None = None,
        since: datetime | None = None,
        action: Action | None = None,
        job_id: UUID | None = None,
        limit: int = 100,
    ) -> list[AuditEvent]:
        """Give what was done, the latest first.

        What the ledger says of a job goes with the job when it is deleted; recorded acts stay.
        """
        asked = {"tenant": tenant, "action": action, "job_id": job_id}
        wanted = {name: value for name, value in asked.items() if value is not None}
        # Each side is cut first, so that neither is read to its beginning.
        recent = [
            _filtered(query, wanted, since).order_by(newest_first).limit(limit).subquery()
            for query, newest_first in (
                (_RECORDED, audit_event.c.id.desc()),
                (_SAID, job_event.c.id.desc()),
            )
        ]
        both = union_all(*(select(part) for part in recent)).subquery()
        query = select(both).order_by(both.c.at.desc()).limit(limit)
        with transaction(self._engine) as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return [AuditEvent(**{**row, "action": Action(row["action"])}) for row in rows]


_RECORDED = select(
    audit_event.c.at,
    audit_event.c.actor,
    audit_event.c.action,
    audit_event.c.tenant,
    audit_event.c.job_id,
    audit_event.c.detail,
)
# Shards are left out: nobody asked for them.
_SAID = (
    select(
        job_event.c.at,
        type_coerce(job_event.c.detail.op("->>")("origin"), Text).label("actor"),
        job_event.c.kind.label("action"),
        job.c.tenant,
        job_event.c.job_id,
        job_event.c.detail,
    )
    .join_from(job_event, job)
    .where(job.c.parent_id.is_(None), job_event.c.kind.in_(_SAID_BY_LEDGER))
)


def _filtered(query: Select[Any], wanted: dict[str, Any], since: datetime | None) -> Select[Any]:
    columns = query.selected_columns
    query = query.where(*(columns[name] == value for name, value in wanted.items()))
    return query if since is None else query.where(columns["at"] >= since)
