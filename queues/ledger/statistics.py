"""How each task fares, rolled up by window of time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Double, Engine, bindparam, case, cast, func, select
from sqlalchemy.dialects.postgresql import insert

from queues.ledger.connection import transaction
from queues.ledger.records import State
from queues.ledger.schema import job, task_statistics

_KEY = [column.name for column in task_statistics.primary_key]


def record(engine: Engine, window_start: datetime, window_end: datetime) -> int:
    """Roll up the jobs that ended in [start, end), shards aside; give how many tasks had any.

    Recording a window again replaces its numbers. A job waits from the moment it may run until a
    worker first takes it; it runs from the start of its last attempt.
    """
    # A `not_before` after the first start belongs to a later attempt.
    delayed_until = case((job.c.not_before < job.c.started_at, job.c.not_before))
    ready = func.greatest(job.c.accepted_at, delayed_until)
    time = DateTime(timezone=True)
    rolled_up = (
        select(
            job.c.task,
            bindparam("window_start", window_start, time),
            bindparam("window_end", window_end, time),
            *(_count(state) for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)),
            func.sum(job.c.attempt),
            *_percentiles(job.c.started_at - ready),
            *_percentiles(job.c.finished_at - job.c.claimed_at),
        )
        .where(
            job.c.parent_id.is_(None),
            job.c.finished_at >= window_start,
            job.c.finished_at < window_end,
        )
        .group_by(job.c.task)
    )
    columns = [column.name for column in task_statistics.c]
    upsert = insert(task_statistics).from_select(columns, rolled_up)
    upsert = upsert.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: upsert.excluded[name] for name in columns if name not in _KEY},
    )
    with transaction(engine) as connection:
        return len(connection.execute(upsert.returning(task_statistics.c.task)).all())


def _count(state: State) -> ColumnElement[int]:
    return func.count().filter(job.c.state == state)


def _percentiles(duration: ColumnElement[Any]) -> list[ColumnElement[float]]:
    """Give median and 95th percentile of a duration, in seconds."""
    seconds = cast(func.extract("epoch", duration), Double)
    return [func.percentile_cont(share).within_group(seconds) for share in (0.5, 0.95)]
