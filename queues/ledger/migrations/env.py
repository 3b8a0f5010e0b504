"""What Alembic runs for each migration; the connection comes from `queues.ledger.migrate`."""

from __future__ import annotations

from alembic import context

from queues.ledger.schema import METADATA, SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_schemas=True,
    version_table_schema=SCHEMA,
)
with context.begin_transaction():
    context.run_migrations()
