"""Write jobs into the outbox as a backend does, in whatever language."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql


def enqueue(
    connection: psycopg.Connection[Any], *, task: str = "fleet.echo", **columns: Any
) -> UUID:
    """Write a job as part of the connection's transaction; gives its id."""
    row = {"id": uuid4(), "task": task, "request": "{}"} | columns
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    values = sql.SQL(", ").join(map(sql.Placeholder, row))
    connection.execute(
        sql.SQL("INSERT INTO riskfleet.outbox ({}) VALUES ({})").format(names, values), row
    )
    return UUID(str(row["id"]))


def enqueued(connection: psycopg.Connection[Any]) -> list[UUID]:
    """Give the ids of the rows that are in the outbox, in their order."""
    rows = connection.execute("SELECT id FROM riskfleet.outbox ORDER BY position")
    return [job_id for (job_id,) in rows]
