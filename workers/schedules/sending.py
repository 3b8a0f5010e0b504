"""Send what is due. The id of a job follows from when it was due, so two beats send it once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog
from redis import Redis

from queues.message import TaskMessage, job_id_for
from queues.schedule import Schedule
from queues.submission import SubmissionRegistry, Submitted
from tasks.catalogue import by_name
from workers.schedules.entries import Entries, Entry

_PAUSE = timedelta(seconds=10)
"""After this a tenant that has too many jobs is asked for room again."""

log = structlog.get_logger(__name__)


def send_due(redis: Redis, *, now: datetime) -> datetime | None:
    """Send the jobs that are due, and give when to look again, if there is anything to send."""
    entries, registry = Entries(redis), SubmissionRegistry(redis)
    for entry in entries.due(now):
        _send(entry, entries, registry, now)
    return entries.next()


def job_id_of(schedule: Schedule, due: datetime) -> str:
    """Give the id of the job that a schedule sends for a moment."""
    key = f"{schedule.origin}:{due.isoformat()}"
    return job_id_for(tenant=schedule.tenant, task=schedule.task, idempotency_key=key)


def message_of(schedule: Schedule, *, due: datetime, now: datetime) -> TaskMessage:
    """Build the message that a schedule sends now for a moment. Raises KeyError: no such task."""
    return TaskMessage(
        task=schedule.task,
        job_id=job_id_of(schedule, due),
        queue=by_name()[schedule.task].queue.value,
        request=json.loads(schedule.request),
        tenant=schedule.tenant,
        priority=schedule.priority,
        sent_at=now,
        origin=schedule.origin,
    )


def _send(entry: Entry, entries: Entries, registry: SubmissionRegistry, now: datetime) -> None:
    schedule, due, following = entry.schedule, entry.owed(now), entry.next(now)
    if due is None:
        entries.put_off(entry, until=following)
        return
    about = {"schedule": schedule.name, "tenant": schedule.tenant, "task": schedule.task}
    try:
        message = message_of(schedule, due=due, now=now)
    except KeyError:
        log.exception("scheduled_task_unknown", **about)
        entries.put_off(entry, until=following, sent=due)
        return
    submitted = registry.submit(message)
    if submitted is Submitted.OVER_QUOTA:
        log.warning("scheduled_job_waits", **about, because="its tenant has too many jobs")
        entries.put_off(entry, until=min(now + _PAUSE, following))
        return
    log.info("scheduled_job_sent", job=message.job_id, submitted=submitted, **about)
    entries.put_off(entry, until=following, sent=due)
