"""What keeps the fleet tidy: Celery tasks that beat sends, on a queue of their own.

They are not jobs: nobody asks for them, waits for them, or finds them in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

import structlog
from celery import Celery
from redis.exceptions import RedisError

from config.environment import read
from config.retention import RetentionSettings
from config.tenants import TenantSettings
from queues.ledger import LedgerUnavailable, retention, statistics
from workers.housekeeping.reconciler import reconcile
from workers.housekeeping.turns import keep_limits, mend_tickets
from workers.schedules.mending import mend

RECONCILE = "fleet.reconcile"
APPLY_RETENTION = "fleet.apply_retention"
RECORD_STATISTICS = "fleet.record_statistics"
MEND_SCHEDULES = "fleet.mend_schedules"
TASKS = frozenset({RECONCILE, MEND_SCHEDULES, APPLY_RETENTION, RECORD_STATISTICS})

log = structlog.get_logger(__name__)

T = TypeVar("T")

_STATISTICS_WINDOW = timedelta(hours=1)


def bind(app: Celery) -> None:
    """Register the housekeeping tasks."""
    options: dict[str, Any] = {
        "acks_late": False,
        "ignore_result": True,
        "track_started": False,
        "shared": False,  # they are this app's, and reach its stores
    }

    @app.task(name=RECONCILE, **options)  # type: ignore[untyped-decorator]
    @_left_to_the_next
    def run_reconciler() -> dict[str, int]:
        resources = app.fleet.resources()
        older_than = timedelta(seconds=app.fleet.settings.renewal_seconds)
        # Without Postgres nothing can be reconciled, but tickets can be mended.
        mend_tickets(resources.redis, app.fleet.lease)
        keep_limits(resources, read(TenantSettings))
        sent = reconcile(resources, older_than=older_than)
        app.observer.reconciled(sent)
        return sent

    @app.task(name=MEND_SCHEDULES, **options)  # type: ignore[untyped-decorator]
    @_left_to_the_next
    def run_mending() -> dict[str, int]:
        return mend(app.fleet.resources(), now=datetime.now(UTC))

    @app.task(name=APPLY_RETENTION, **options)  # type: ignore[untyped-decorator]
    @_left_to_the_next
    def run_retention() -> dict[str, int]:
        settings, now = read(RetentionSettings), datetime.now(UTC)
        resources = app.fleet.resources()
        kept = timedelta(days=settings.job_retention_days)
        policy = retention.Retention(succeeded=kept, failed=kept, cancelled=kept)
        deleted = retention.apply(resources.ledger.engine, policy, now)
        artifacts_kept = timedelta(days=settings.artifact_retention_days)
        artifacts = resources.artifacts.delete_older_than(now - artifacts_kept)
        return {state.value: count for state, count in deleted.items()} | {"artifacts": artifacts}

    @app.task(name=RECORD_STATISTICS, **options)  # type: ignore[untyped-decorator]
    @_left_to_the_next
    def run_statistics() -> int:
        end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        return statistics.record(app.fleet.resources().ledger.engine, end - _STATISTICS_WINDOW, end)


def _left_to_the_next(upkeep: Callable[[], T]) -> Callable[[], T | None]:
    """Say in a line that a store is away: the clock sends the task again."""

    @wraps(upkeep)
    def run() -> T | None:
        try:
            return upkeep()
        except (RedisError, LedgerUnavailable) as error:
            log.warning("upkeep_not_done", error=str(error))
            return None

    return run
