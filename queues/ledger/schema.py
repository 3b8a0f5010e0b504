"""The tables of the fleet, in a schema of their own: a backend may keep its tables beside them.

Four partial indexes see parents only, since nobody lists or rolls up shards: `unfinished` is the
reconciler's, `by_acceptance` and `by_tenant` list jobs, `by_end` serves retention and statistics.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

SCHEMA = "riskfleet"
METADATA = MetaData(schema=SCHEMA)
_NOW = text("now()")
_TIME = DateTime(timezone=True)

job = Table(
    "job",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("parent_id", Uuid, ForeignKey(f"{SCHEMA}.job.id", ondelete="CASCADE")),
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
    # The caller's own answer, for comparison.
    Column("expected", JSON),
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
Index("job_by_tenant", job.c.tenant, job.c.accepted_at, job.c.id, postgresql_where=_IS_PARENT)
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
    Column("job_id", Uuid, ForeignKey(f"{SCHEMA}.job.id", ondelete="CASCADE"), nullable=False),
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

# A backend writes here in its own transaction; the relay takes rows away. The id is no key: the
# same job enqueued twice is one job, and who enqueues must not wait for another who does.
outbox = Table(
    "outbox",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("id", Uuid, nullable=False),
    Column("task", Text, nullable=False),
    Column("tenant", Text, nullable=False, server_default="default"),
    Column("priority", Text, nullable=False, server_default="normal"),
    Column("request", JSON, nullable=False),
    Column("expected", JSON),
    Column("schema_hash", Text),
    Column("traceparent", Text),
    Column("tracestate", Text),
    Column("not_before", _TIME),
    Column("deadline", _TIME),
    Column("origin", Text),
    Column("enqueued_at", _TIME, nullable=False, server_default=_NOW),
    Column("enqueued_by", Text, nullable=False, server_default=text("session_user")),
    CheckConstraint("task ~ '^[A-Za-z0-9._]{1,128}$'", name="outbox_task_is_a_name"),
    CheckConstraint("tenant ~ '^[A-Za-z0-9._-]{1,64}$'", name="outbox_tenant_is_a_name"),
    CheckConstraint("priority IN ('high', 'normal', 'low')", name="outbox_priority_is_known"),
    CheckConstraint("json_typeof(request) = 'object'", name="outbox_request_is_an_object"),
    CheckConstraint(
        "expected IS NULL OR json_typeof(expected) = 'object'", name="outbox_expected_is_an_object"
    ),
    CheckConstraint(
        "octet_length(request::text) + coalesce(octet_length(expected::text), 0) <= 4194304",
        name="outbox_request_is_of_reasonable_size",
    ),
)

tenant = Table(
    "tenant",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("max_waiting", Integer),
    Column("max_running", Integer),
    Column("updated_at", _TIME, nullable=False, server_default=_NOW),
    CheckConstraint("name ~ '^[A-Za-z0-9._-]{1,64}$'", name="tenant_has_a_name"),
    CheckConstraint("max_waiting >= 0", name="tenant_may_wait"),
    CheckConstraint("max_running >= 0", name="tenant_may_run"),
)

# Of a token only its hash is kept: whoever reads this table cannot act as its bearer.
access_token = Table(
    "access_token",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("created_at", _TIME, nullable=False, server_default=_NOW),
    Column("expires_at", _TIME),
    Column("revoked_at", _TIME),
    Column("last_used_at", _TIME),
    CheckConstraint("octet_length(sha256) = 32", name="access_token_is_hashed"),
)

audit_event = Table(
    "audit_event",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _TIME, nullable=False, server_default=_NOW),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("tenant", Text),
    Column("job_id", Uuid),
    Column("detail", JSON),
)
Index("audit_event_by_time", audit_event.c.at)
Index(
    "audit_event_by_job",
    audit_event.c.job_id,
    postgresql_where=audit_event.c.job_id.is_not(None),
)

schedule = Table(
    "schedule",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("priority", Text, nullable=False),
    Column("every_seconds", Double),
    Column("cron", Text),
    Column("time_zone", Text, nullable=False),
    Column("missed", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", _TIME, nullable=False, server_default=_NOW),
    Column("updated_at", _TIME, nullable=False, server_default=_NOW),
    CheckConstraint("(every_seconds IS NULL) <> (cron IS NULL)", name="schedule_has_one_clock"),
    CheckConstraint("missed IN ('skip', 'run_once')", name="schedule_missed_is_known"),
)

shadow_comparison = Table(
    "shadow_comparison",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Uuid, ForeignKey(f"{SCHEMA}.job.id", ondelete="CASCADE"), nullable=False),
    Column("task", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("at", _TIME, nullable=False, server_default=_NOW),
    Column("agrees", Boolean, nullable=False),
    Column("compared", Integer, nullable=False),
    Column("differences", JSON, nullable=False),
)
Index("shadow_comparison_by_task", shadow_comparison.c.task, shadow_comparison.c.at)
Index("shadow_comparison_by_job", shadow_comparison.c.job_id)
