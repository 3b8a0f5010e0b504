"""The ledger at a glance: what waits, what runs, what ended lately. For people and for metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Engine,
    Interval,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from queues.ledger.connection import transaction
from queues.ledger.errors import LedgerUnavailable
from queues.ledger.records import JobSummary, State
from queues.ledger.schema import job, outbox

_IS_UNFINISHED = job.c.parent_id.is_(None) & job.c.finished_at.is_(None)
_MINUTE = text("'minute'")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The unfinished jobs of one queue and priority, shards aside."""

    queue: str
    priority: str
    accepted: int
    running: int
    overdue: int
    """Running, with a lease that has ended."""
    oldest_seconds: float
    """How long the longest-waiting job could have run already; 0 if none waits."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the ledger holds that is not done."""

    standings: tuple[Standing, ...]
    """Places without jobs are left out."""
    outbox_rows: int
    outbox_oldest_seconds: float
    round_trip_seconds: float


@dataclass(frozen=True, kw_only=True)
class Minute:
    """How many jobs of one queue ended in one minute."""

    start: datetime
    queue: str
    succeeded: int
    failed: int
    cancelled: int


def overview(engine: Engine) -> Overview:
    """Give what is not done. Raises `LedgerUnavailable`, after two seconds at the latest."""
    with _brief(engine) as connection:
        began = time.perf_counter()
        connection.execute(select(1))
        round_trip_seconds = time.perf_counter() - began
        rows, oldest = connection.execute(
            select(func.count(), _seconds_since(func.min(outbox.c.enqueued_at))).select_from(outbox)
        ).one()
        return Overview(
            standings=tuple(_standings(connection)),
            outbox_rows=rows,
            outbox_oldest_seconds=oldest,
            round_trip_seconds=round_trip_seconds,
        )


def ended_lately(engine: Engine, *, within: timedelta) -> list[Minute]:
    """Give how many jobs ended, by minute and queue, the earliest first."""
    minute = func.date_trunc(_MINUTE, job.c.finished_at)
    counts = [
        func.count().filter(job.c.state == state).label(state.value)
        for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)
    ]
    query = (
        select(minute.label("start"), job.c.queue, *counts)
        .where(
            job.c.parent_id.is_(None),
            job.c.finished_at >= func.now() - bindparam("within", within, Interval),
        )
        .group_by(minute, job.c.queue)
        .order_by(minute, job.c.queue)
    )
    with _brief(engine) as connection:
        return [Minute(**row._asdict()) for row in connection.execute(query)]


def running(engine: Engine, *, limit: int) -> list[JobSummary]:
    """Give the jobs that run, shards aside, the longest-running first."""
    query = (
        select(*(job.c[field.name] for field in fields(JobSummary)))
        .where(_IS_UNFINISHED, job.c.state == State.RUNNING)
        .order_by(job.c.claimed_at)
        .limit(limit)
    )
    with _brief(engine) as connection:
        rows = [row._asdict() for row in connection.execute(query)]
    return [JobSummary(**{**row, "state": State(row["state"])}) for row in rows]


def _standings(connection: Connection) -> Iterator[Standing]:
    may_run_since = func.greatest(job.c.accepted_at, job.c.not_before)
    is_accepted = job.c.state == State.ACCEPTED
    query = (
        select(
            job.c.queue,
            job.c.priority,
            func.count().filter(is_accepted).label("accepted"),
            func.count().filter(job.c.state == State.RUNNING).label("running"),
            func.count().filter(job.c.lease_until < func.now()).label("overdue"),
            _seconds_since(func.min(may_run_since).filter(is_accepted)).label("oldest_seconds"),
        )
        .where(_IS_UNFINISHED)
        .group_by(job.c.queue, job.c.priority)
    )
    for row in connection.execute(query):
        yield Standing(**row._asdict())


def _seconds_since(moment: Any) -> ColumnElement[float]:
    """Give the seconds since a moment; 0 for none, and for one to come."""
    seconds = cast(func.extract("epoch", func.now() - moment), Double)
    return func.greatest(func.coalesce(seconds, 0.0), 0.0)


@contextmanager
def _brief(engine: Engine) -> Iterator[Connection]:
    """Read for two seconds at most: who looks all the time must not be a burden or a hostage."""
    try:
        with transaction(engine) as connection:
            connection.execute(text("SET LOCAL statement_timeout = '2s'"))
            yield connection
    except SQLAlchemyError as error:  # also a schema that is not migrated yet
        raise LedgerUnavailable(str(error)) from error
