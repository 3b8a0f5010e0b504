"""The tenants that have limits of their own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from queues.ledger.connection import transaction
from queues.ledger.schema import tenant


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A tenant with limits of its own; None is what holds for every tenant, 0 is no limit."""

    name: str
    max_running: int | None
    max_waiting: int | None
    updated_at: datetime


_COLUMNS = [tenant.c[field.name] for field in fields(Tenant)]


class Tenants:
    """The tenants in the ledger. A method raises `LedgerUnavailable` if Postgres is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, name: str, *, max_running: int | None, max_waiting: int | None) -> Tenant:
        """Give a tenant these limits, instead of those that it had."""
        limits = {"max_running": max_running, "max_waiting": max_waiting}
        statement = insert(tenant).values(name=name, **limits)
        statement = statement.on_conflict_do_update(
            index_elements=[tenant.c.name], set_={**limits, "updated_at": func.now()}
        )
        with transaction(self._engine) as connection:
            row = connection.execute(statement.returning(*_COLUMNS)).one()
        return Tenant(**row._asdict())

    def get(self, name: str) -> Tenant | None:
        """Give a tenant, if it has limits of its own."""
        with transaction(self._engine) as connection:
            row = connection.execute(select(*_COLUMNS).where(tenant.c.name == name)).first()
        return None if row is None else Tenant(**row._asdict())

    def listed(self) -> list[Tenant]:
        """Give all tenants that have limits of their own, by name."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(tenant.c.name)).all()
        return [Tenant(**row._asdict()) for row in rows]

    def remove(self, name: str) -> bool:
        """Let what holds for every tenant hold for this one too; False if it did already."""
        with transaction(self._engine) as connection:
            return bool(connection.execute(delete(tenant).where(tenant.c.name == name)).rowcount)
