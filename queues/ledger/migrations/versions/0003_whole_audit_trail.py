"""Refuse to empty the audit trail: triggers of rows do not hear of TRUNCATE."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION riskfleet.keep_audit_trail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'audit_event is append-only: truncate';
        END
        $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER keep_audit_trail BEFORE TRUNCATE ON riskfleet.audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION riskfleet.keep_audit_trail()
        """
    )
