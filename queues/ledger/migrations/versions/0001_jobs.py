"""Jobs, their events, and statistics of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0001"
down_revision = None

_SCHEMA = "riskfleet"
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_job()
    _create_job_event()
    _create_task_statistics()


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("parent_id", sa.Uuid, sa.ForeignKey(f"{_SCHEMA}.job.id", ondelete="CASCADE")),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("result", JSON),
        sa.Column("error", JSON),
        sa.Column("worker", sa.Text),
        sa.Column("versions", sa.Text),
        sa.Column("lease_until", _TIME),
        sa.Column("not_before", _TIME),
        sa.Column("deadline", _TIME),
        sa.Column("accepted_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("claimed_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "state IN ('accepted', 'running', 'succeeded', 'failed', 'cancelled')",
            name="job_state_is_known",
        ),
        sa.CheckConstraint(
            "(state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name="job_end_has_a_time",
        ),
        sa.CheckConstraint(
            "state = 'running' OR lease_until IS NULL", name="job_lease_is_for_running"
        ),
        schema=_SCHEMA,
    )
    op.create_index(
        "job_unfinished",
        "job",
        ["state", "updated_at"],
        schema=_SCHEMA,
        postgresql_where=sa.text("parent_id IS NULL AND finished_at IS NULL"),
    )
    op.create_index(
        "job_by_acceptance",
        "job",
        ["accepted_at"],
        schema=_SCHEMA,
        postgresql_where=sa.text("parent_id IS NULL"),
    )
    op.create_index(
        "job_by_end",
        "job",
        ["finished_at"],
        schema=_SCHEMA,
        postgresql_where=sa.text("parent_id IS NULL AND finished_at IS NOT NULL"),
    )
    op.create_index(
        "job_by_parent",
        "job",
        ["parent_id"],
        schema=_SCHEMA,
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )


def _create_job_event() -> None:
    op.create_table(
        "job_event",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "job_id",
            sa.Uuid,
            sa.ForeignKey(f"{_SCHEMA}.job.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("detail", JSON),
        schema=_SCHEMA,
    )
    op.create_index("job_event_by_job", "job_event", ["job_id"], schema=_SCHEMA)
    # An event leaves only with its job: a cascade finds the job gone already.
    op.execute(
        """
        CREATE FUNCTION riskfleet.keep_job_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE'
                AND NOT EXISTS (SELECT FROM riskfleet.job WHERE id = OLD.job_id)
            THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'job_event is append-only: % of event % of job %',
                lower(TG_OP), OLD.id, OLD.job_id;
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER keep_job_event BEFORE UPDATE OR DELETE ON riskfleet.job_event
        FOR EACH ROW EXECUTE FUNCTION riskfleet.keep_job_event()
        """
    )


def _create_task_statistics() -> None:
    op.create_table(
        "task_statistics",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("window_start", _TIME, primary_key=True),
        sa.Column("window_end", _TIME, primary_key=True),
        sa.Column("succeeded", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("cancelled", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("wait_p50_seconds", sa.Double),
        sa.Column("wait_p95_seconds", sa.Double),
        sa.Column("run_p50_seconds", sa.Double),
        sa.Column("run_p95_seconds", sa.Double),
        schema=_SCHEMA,
    )
