"""The tables of the ledger.

Three partial indexes see parents only, since nobody lists or rolls up shards: `unfinished` is the
reconciler's, `by_acceptance` lists jobs, `by_end` serves retention and statistics.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSON

METADATA = MetaData()
_TIME = DateTime(timezone=True)

job = Table(
    "job",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey("job.id", ondelete="CASCADE")),
    Column("task", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("attempt", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    # json, not jsonb: it keeps the text as it came and takes \u0000, which jsonb refuses.
    Column("request", JSON, nullable=False),
    Column("request_hash", Text, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("result", JSON),
    Column("error", JSON),
    Column("worker", Text),
    Column("versions", Text),
    Column("lease_until", _TIME),
    Column("not_before", _TIME),
    Column("deadline", _TIME),
    Column("accepted_at", _TIME, nullable=False),
    Column("started_at", _TIME),
    Column("claimed_at", _TIME),
    Column("finished_at", _TIME),
    Column("updated_at", _TIME, nullable=False),
    CheckConstraint(
        "state IN ('accepted', 'running', 'succeeded', 'failed', 'cancelled')",
        name="job_state_is_known",
    ),
    CheckConstraint(
        "(state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
        name="job_end_has_a_time",
    ),
    CheckConstraint("state = 'running' OR lease_until IS NULL", name="job_lease_is_for_running"),
)
_IS_PARENT = job.c.parent_id.is_(None)

Index(
    "job_unfinished",
    job.c.state,
    job.c.updated_at,
    postgresql_where=_IS_PARENT & job.c.finished_at.is_(None),
)
Index("job_by_acceptance", job.c.accepted_at, postgresql_where=_IS_PARENT)
Index(
    "job_by_end",
    job.c.finished_at,
    postgresql_where=_IS_PARENT & job.c.finished_at.is_not(None),
)
Index("job_by_parent", job.c.parent_id, postgresql_where=job.c.parent_id.is_not(None))

job_event = Table(
    "job_event",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Uuid, ForeignKey("job.id", ondelete="CASCADE"), nullable=False),
    Column("at", _TIME, nullable=False),
    Column("kind", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("detail", JSON),
)
Index("job_event_by_job", job_event.c.job_id)

task_statistics = Table(
    "task_statistics",
    METADATA,
    Column("task", Text, primary_key=True),
    Column("window_start", _TIME, primary_key=True),
    Column("window_end", _TIME, primary_key=True),
    Column("succeeded", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("wait_p50_seconds", Double),
    Column("wait_p95_seconds", Double),
    Column("run_p50_seconds", Double),
    Column("run_p95_seconds", Double),
)
