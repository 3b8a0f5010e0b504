"""Outbox, tenants, access tokens, audit trail, schedules, shadow comparisons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0002"
down_revision = "0001"

_SCHEMA = "riskfleet"
_TIME = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.add_column("job", sa.Column("expected", JSON), schema=_SCHEMA)
    op.create_index(
        "job_by_tenant",
        "job",
        ["tenant", "accepted_at", "id"],
        schema=_SCHEMA,
        postgresql_where=sa.text("parent_id IS NULL"),
    )
    _create_outbox()
    _create_tenant()
    _create_access_token()
    _create_audit_event()
    _create_schedule()
    _create_shadow_comparison()


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False, server_default="default"),
        sa.Column("priority", sa.Text, nullable=False, server_default="normal"),
        sa.Column("request", JSON, nullable=False),
        sa.Column("expected", JSON),
        sa.Column("schema_hash", sa.Text),
        sa.Column("traceparent", sa.Text),
        sa.Column("tracestate", sa.Text),
        sa.Column("not_before", _TIME),
        sa.Column("deadline", _TIME),
        sa.Column("origin", sa.Text),
        sa.Column("enqueued_at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("enqueued_by", sa.Text, nullable=False, server_default=sa.text("session_user")),
        sa.CheckConstraint("task ~ '^[A-Za-z0-9._]{1,128}$'", name="outbox_task_is_a_name"),
        sa.CheckConstraint("tenant ~ '^[A-Za-z0-9._-]{1,64}$'", name="outbox_tenant_is_a_name"),
        sa.CheckConstraint(
            "priority IN ('high', 'normal', 'low')", name="outbox_priority_is_known"
        ),
        sa.CheckConstraint("json_typeof(request) = 'object'", name="outbox_request_is_an_object"),
        sa.CheckConstraint(
            "expected IS NULL OR json_typeof(expected) = 'object'",
            name="outbox_expected_is_an_object",
        ),
        sa.CheckConstraint(
            "octet_length(request::text) + coalesce(octet_length(expected::text), 0) <= 4194304",
            name="outbox_request_is_of_reasonable_size",
        ),
        schema=_SCHEMA,
    )
    # Heard by the relay when the backend's transaction commits.
    op.execute(
        """
        CREATE FUNCTION riskfleet.announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('riskfleet_outbox', '');
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER announce_outbox AFTER INSERT ON riskfleet.outbox
        FOR EACH STATEMENT EXECUTE FUNCTION riskfleet.announce_outbox()
        """
    )


def _create_tenant() -> None:
    op.create_table(
        "tenant",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("max_waiting", sa.Integer),
        sa.Column("max_running", sa.Integer),
        sa.Column("updated_at", _TIME, nullable=False, server_default=_NOW),
        sa.CheckConstraint("name ~ '^[A-Za-z0-9._-]{1,64}$'", name="tenant_has_a_name"),
        sa.CheckConstraint("max_waiting >= 0", name="tenant_may_wait"),
        sa.CheckConstraint("max_running >= 0", name="tenant_may_run"),
        schema=_SCHEMA,
    )


def _create_access_token() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("expires_at", _TIME),
        sa.Column("revoked_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.CheckConstraint("octet_length(sha256) = 32", name="access_token_is_hashed"),
        schema=_SCHEMA,
    )


def _create_audit_event() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text),
        sa.Column("job_id", sa.Uuid),
        sa.Column("detail", JSON),
        schema=_SCHEMA,
    )
    op.create_index("audit_event_by_time", "audit_event", ["at"], schema=_SCHEMA)
    op.create_index(
        "audit_event_by_job",
        "audit_event",
        ["job_id"],
        schema=_SCHEMA,
        postgresql_where=sa.text("job_id IS NOT NULL"),
    )
    op.execute(
        """
        CREATE FUNCTION riskfleet.keep_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit_event is append-only: % of event %', lower(TG_OP), OLD.id;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER keep_audit_event BEFORE UPDATE OR DELETE ON riskfleet.audit_event
        FOR EACH ROW EXECUTE FUNCTION riskfleet.keep_audit_event()
        """
    )


def _create_schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("every_seconds", sa.Double),
        sa.Column("cron", sa.Text),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.Column("missed", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("updated_at", _TIME, nullable=False, server_default=_NOW),
        sa.CheckConstraint(
            "(every_seconds IS NULL) <> (cron IS NULL)", name="schedule_has_one_clock"
        ),
        sa.CheckConstraint("missed IN ('skip', 'run_once')", name="schedule_missed_is_known"),
        schema=_SCHEMA,
    )


def _create_shadow_comparison() -> None:
    op.create_table(
        "shadow_comparison",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "job_id",
            sa.Uuid,
            sa.ForeignKey(f"{_SCHEMA}.job.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("compared", sa.Integer, nullable=False),
        sa.Column("differences", JSON, nullable=False),
        schema=_SCHEMA,
    )
    op.create_index(
        "shadow_comparison_by_task", "shadow_comparison", ["task", "at"], schema=_SCHEMA
    )
    op.create_index("shadow_comparison_by_job", "shadow_comparison", ["job_id"], schema=_SCHEMA)
