"""What runs by the clock: the fleet's own upkeep, and jobs that the backend schedules at run time.

RedBeat keeps schedules in Redis, so any process may add one, and of several beats only the one
that holds the lock sends. A schedule sends an ordinary message; each one is a new job.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from celery import Celery
from celery.schedules import ParseException, crontab, schedule
from celery.signals import beat_init, setup_logging
from pydantic import ValidationError
from redbeat import RedBeatSchedulerEntry
from redbeat.schedulers import ensure_conf, get_redis

from queues.message import DEFAULT_TENANT, TaskMessage, UnreadableMessage
from queues.names import PRIORITY_OF_STEP, PRIORITY_STEP, Priority, Queue
from tasks.catalogue import by_name
from workers.app import fleet_app
from workers.failure import InvalidRequest, error_of
from workers.housekeeping import APPLY_RETENTION, RECONCILE, RECORD_STATISTICS
from workers.intake import HOUSEKEEPING
from workers.log import configure_logging

log = structlog.get_logger(__name__)

_USERS_PREFIX = "job:"
"""Sets the names of scheduled jobs apart from those of the fleet's own upkeep."""


class InvalidSchedule(ValueError):
    """A schedule that could never send a job that runs."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A job that is to be sent again and again: every so often, or by a cron expression in UTC."""

    name: str
    task: str
    request: dict[str, Any]
    every: timedelta | None = None
    cron: str | None = None
    tenant: str = DEFAULT_TENANT
    priority: Priority = Priority.NORMAL
    enabled: bool = True
    next_at: datetime | None = None
    """When it sends next; given back, not taken."""


def add_schedule(app: Celery, wanted: Schedule) -> None:
    """Begin to send the job; a schedule of the same name is replaced. Raises InvalidSchedule."""
    declaration = by_name().get(wanted.task)
    if declaration is None:
        raise InvalidSchedule(
            f"task: expected one of {', '.join(by_name())}, received {wanted.task}"
        )
    try:
        declaration.request.model_validate_json(json.dumps(wanted.request))
    except ValidationError as error:
        raise InvalidSchedule(f"request: {error_of(InvalidRequest(error)).message}") from error
    _check_message(wanted, declaration.queue)
    RedBeatSchedulerEntry(
        name=_USERS_PREFIX + wanted.name,
        task=wanted.task,
        schedule=_clock(app, wanted),
        kwargs={"request": wanted.request},
        options={
            "queue": declaration.queue.value,
            "priority": PRIORITY_STEP[wanted.priority],
            "headers": {"tenant": wanted.tenant},
        },
        enabled=wanted.enabled,
        app=app,
    ).save()


def schedules(app: Celery) -> list[Schedule]:
    """Give the jobs that are scheduled, by name."""
    ensure_conf(app)
    keys = get_redis(app).zrange(app.redbeat_conf.schedule_key, 0, -1)
    prefix = app.redbeat_conf.key_prefix + _USERS_PREFIX
    entries = [
        RedBeatSchedulerEntry.from_key(key, app=app) for key in keys if key.startswith(prefix)
    ]
    return sorted((_schedule(entry) for entry in entries), key=lambda each: each.name)


def pause_schedule(app: Celery, name: str, *, paused: bool = True) -> None:
    """Stop sending the job, or go on. Raises KeyError."""
    entry = _entry(app, name)
    entry.enabled = not paused
    entry.save()


def remove_schedule(app: Celery, name: str) -> None:
    """Forget the schedule; jobs it has sent go on. Raises KeyError."""
    _entry(app, name).delete()


def run_beat() -> None:
    """Send what is due until told to stop."""
    configure_logging()
    setup_logging.connect(lambda **_: None, weak=False)
    beat_init.connect(lambda **_: log.info("beat_ready"), weak=False)
    app = fleet_app()
    app.conf.beat_schedule = upkeep(app.fleet.settings.renewal_seconds)
    app.Beat(scheduler="redbeat.RedBeatScheduler", quiet=True).run()


def upkeep(reconcile_seconds: float) -> dict[str, dict[str, Any]]:
    """Give the fleet's own schedule. What was not taken by the next time is not worth running."""
    return {
        task: {
            "task": task,
            "schedule": clock,
            "options": {"queue": HOUSEKEEPING, "expires": expires},
        }
        for task, clock, expires in (
            (RECONCILE, reconcile_seconds, reconcile_seconds),
            (APPLY_RETENTION, crontab(minute="17", hour="3"), 3600),
            (RECORD_STATISTICS, crontab(minute="5"), 3600),
        )
    }


def _check_message(wanted: Schedule, queue: Queue) -> None:
    """Read one message of the schedule as a worker will: a bad tenant would kill each."""
    message = TaskMessage(
        task=wanted.task,
        job_id=str(uuid4()),
        queue=queue,
        request=wanted.request,
        tenant=wanted.tenant,
    )
    try:
        TaskMessage.from_wire(message.to_wire(), queue=queue, priority=wanted.priority)
    except UnreadableMessage as error:
        raise InvalidSchedule(error.detail.removeprefix("headers.")) from error


def _clock(app: Celery, wanted: Schedule) -> Any:
    if (wanted.every is None) == (wanted.cron is None):
        raise InvalidSchedule("every, cron: expected one of the two")
    if wanted.every is not None:
        if wanted.every < timedelta(seconds=1):
            raise InvalidSchedule(f"every: expected a second or more, received {wanted.every}")
        return schedule(wanted.every, app=app)
    try:
        minute, hour, day_of_month, month, day_of_week = (wanted.cron or "").split()
        return crontab(minute, hour, day_of_week, day_of_month, month, app=app)
    except (ValueError, ParseException) as error:
        raise InvalidSchedule(
            f"cron: expected five fields, as in `30 6 * * 1-5`, received {wanted.cron!r} ({error})"
        ) from error


def _entry(app: Celery, name: str) -> RedBeatSchedulerEntry:
    ensure_conf(app)
    key = RedBeatSchedulerEntry.generate_key(app, _USERS_PREFIX + name)
    return RedBeatSchedulerEntry.from_key(key, app=app)


def _schedule(entry: RedBeatSchedulerEntry) -> Schedule:
    clock = entry.schedule
    is_cron = isinstance(clock, crontab)
    return Schedule(
        name=entry.name.removeprefix(_USERS_PREFIX),
        task=entry.task,
        request=entry.kwargs["request"],
        every=None if is_cron else clock.run_every,
        cron=_expression(clock) if is_cron else None,
        tenant=entry.options["headers"]["tenant"],
        priority=PRIORITY_OF_STEP[entry.options["priority"]],
        enabled=entry.enabled,
        next_at=entry.due_at if entry.enabled else None,
    )


def _expression(clock: Any) -> str:
    return " ".join(
        str(part)
        for part in (
            clock._orig_minute,
            clock._orig_hour,
            clock._orig_day_of_month,
            clock._orig_month_of_year,
            clock._orig_day_of_week,
        )
    )
