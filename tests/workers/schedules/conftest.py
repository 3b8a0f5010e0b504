"""A tenant's schedules over a real Redis and a real ledger, both without schedules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
import pytest

from queues.schedule import Schedule
from tasks.fleet.put_schedule import PutScheduleRequest
from workers.resources import Resources
from workers.schedules.book import TenantSchedules
from workers.schedules.entries import Entries

TICK = PutScheduleRequest(
    name="tick", task="fleet.echo", request={"message": "tick"}, every_seconds=60
).terms()

Book = Callable[..., TenantSchedules]


@pytest.fixture
def book(resources: Resources, shared_database: str) -> Book:
    """Give the schedules of a tenant."""
    with psycopg.connect(shared_database) as connection:
        connection.execute("TRUNCATE riskfleet.schedule")
    return lambda tenant="acme": TenantSchedules(tenant, resources.ledger, Entries(resources.redis))


@pytest.fixture
def put(book: Book, resources: Resources, shared_database: str) -> Callable[..., Schedule]:
    """Put a schedule as if at a moment of the past."""

    def put(at: datetime, *, tenant: str = "acme", **terms: Any) -> Schedule:
        name = book(tenant).put(replace(TICK, **terms), enabled=None).name
        with psycopg.connect(shared_database) as connection:
            connection.execute(
                "UPDATE riskfleet.schedule SET created_at = %(at)s, updated_at = %(at)s"
                " WHERE tenant = %(tenant)s AND name = %(name)s",
                {"at": at, "tenant": tenant, "name": name},
            )
        schedule = book(tenant).find(name)
        assert schedule is not None
        Entries(resources.redis).delete(tenant, name)
        Entries(resources.redis).write(schedule, now=at)
        return schedule

    return put


def cron(expression: str, zone: str = "UTC") -> dict[str, Any]:
    """Terms that send by the clock on the wall."""
    return {"every_seconds": None, "cron": expression, "time_zone": zone}
