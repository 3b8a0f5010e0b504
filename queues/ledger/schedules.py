"""The schedules of all tenants: this table is the truth, what beat reads in Redis follows it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Text, cast, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from queues.ledger.connection import transaction
from queues.ledger.schema import schedule
from queues.names import Priority
from queues.schedule import Missed, Schedule, ScheduleTerms

_KEY = ("tenant", "name")
# The request is handed on as the text that came.
_COLUMNS = [
    cast(column, Text).label("request") if column.name == "request" else column
    for column in schedule.c
]


class TooManySchedules(Exception):
    """The tenant has as many schedules as it may have."""


def put(
    engine: Engine, tenant: str, terms: ScheduleTerms, *, enabled: bool | None, at_most: int
) -> Schedule:
    """Make or change a tenant's schedule. Raises `TooManySchedules`.

    What is put as it stands is left as it is, times included. Without a word on `enabled`, a new
    schedule is, and a known one stays as it was.
    """
    row = _row(terms) | {"tenant": tenant, "enabled": enabled is not False}
    new = insert(schedule).values(row)
    taken_over = [name for name in row if name not in (*_KEY, "enabled")]
    if enabled is not None:
        taken_over.append("enabled")
    changed = or_(
        *(
            _text(schedule.c[name]).is_distinct_from(_text(new.excluded[name]))
            for name in taken_over
        )
    )
    upsert = new.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: new.excluded[name] for name in taken_over} | {"updated_at": func.now()},
        where=changed,
    )
    with transaction(engine) as connection:
        # One at a time for each tenant, or two would both find room for the last one.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(tenant, 0))))
        connection.execute(upsert)
        count = select(func.count()).where(schedule.c.tenant == tenant)
        if connection.execute(count).scalar_one() > at_most:
            raise TooManySchedules(tenant)
        found = _found(connection, tenant, terms.name)
    assert found is not None
    return found


def enable(engine: Engine, tenant: str, name: str, *, enabled: bool) -> Schedule | None:
    """Pause a schedule or let it go on; none if the tenant has none of the name."""
    switched = (
        update(schedule)
        .where(
            schedule.c.tenant == tenant,
            schedule.c.name == name,
            schedule.c.enabled.is_distinct_from(enabled),
        )
        .values(enabled=enabled, updated_at=func.now())
    )
    with transaction(engine) as connection:
        connection.execute(switched)
        return _found(connection, tenant, name)


def remove(engine: Engine, tenant: str, name: str) -> bool:
    """Forget a schedule; tell whether there was one."""
    gone = delete(schedule).where(schedule.c.tenant == tenant, schedule.c.name == name)
    with transaction(engine) as connection:
        return connection.execute(gone).rowcount > 0


def find(engine: Engine, tenant: str, name: str) -> Schedule | None:
    """Give a tenant's schedule of a name."""
    with transaction(engine) as connection:
        return _found(connection, tenant, name)


def listed(engine: Engine, *, tenant: str | None = None) -> list[Schedule]:
    """Give the schedules of one tenant, or of all, by tenant and name."""
    query = select(*_COLUMNS).order_by(schedule.c.tenant, schedule.c.name)
    if tenant is not None:
        query = query.where(schedule.c.tenant == tenant)
    with transaction(engine) as connection:
        return [_schedule(row._asdict()) for row in connection.execute(query)]


def versions(engine: Engine) -> dict[tuple[str, str], datetime]:
    """Give when each schedule was last changed: (tenant, name) -> that moment."""
    query = select(schedule.c.tenant, schedule.c.name, schedule.c.updated_at)
    with transaction(engine) as connection:
        rows = connection.execute(query).all()
    return {(tenant, name): updated_at.astimezone(UTC) for tenant, name, updated_at in rows}


def _found(connection: Connection, tenant: str, name: str) -> Schedule | None:
    query = select(*_COLUMNS).where(schedule.c.tenant == tenant, schedule.c.name == name)
    row = connection.execute(query).first()
    return None if row is None else _schedule(row._asdict())


def _row(terms: ScheduleTerms) -> dict[str, Any]:
    return asdict(terms) | {
        "request": cast(literal(terms.request, Text), schedule.c.request.type),
        "priority": terms.priority.value,
        "missed": terms.missed.name.lower(),
    }


def _text(column: Any) -> Any:
    """Compare as text: Postgres has no equality for json."""
    return cast(column, Text)


def _schedule(row: dict[str, Any]) -> Schedule:
    read = {
        "priority": Priority(row["priority"]),
        "missed": Missed[row["missed"].upper()],
        "created_at": row["created_at"].astimezone(UTC),
        "updated_at": row["updated_at"].astimezone(UTC),
    }
    return Schedule(**row | read)
