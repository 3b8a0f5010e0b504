"""Take jobs that wait in Redis into the ledger, so that they outlive it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery import bootsteps
from redis.exceptions import RedisError

from queues import redis_clock
from queues.ledger import LedgerUnavailable, Submission
from queues.message import TaskMessage, UnreadableMessage
from queues.names import PRIORITY_OF_STEP, SERVING_ORDER, Priority, Queue, queue_key
from queues.request_hash import Unhashable
from queues.submission import SubmissionRegistry
from workers import side_thread
from workers.delivery import submission_of
from workers.intake import HOUSEKEEPING, refuse_parts_of_jobs
from workers.resources import Resources

_EVERY_SECONDS = 0.25
_AGE = timedelta(milliseconds=250)
"""Younger jobs are left to their workers, most of which claim them sooner."""
_AT_ONCE = 500

_LISTS = {
    queue_key(queue, step): (queue.value, PRIORITY_OF_STEP.get(step, Priority.LOW))
    for queue in Queue
    for step in SERVING_ORDER
}
"""Every list that a worker looks at; its name comes from the sender, like the message."""

log = structlog.get_logger(__name__)


class Registrar(bootsteps.StartStopStep):
    """Runs beside the housekeeping worker."""

    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        """Run on the worker that keeps house, and on no other."""
        return HOUSEKEEPING in worker.app.amqp.queues.consume_from

    def start(self, worker: Any) -> None:
        """Begin to register."""
        resources = worker.app.fleet.resources()
        side_thread.repeat("registrar", lambda: _register(resources), every_seconds=_EVERY_SECONDS)


def _register(resources: Resources) -> None:
    try:
        while register_waiting(resources, now=_now(resources)):
            pass
    except (RedisError, LedgerUnavailable) as error:
        log.warning("jobs_not_registered", error=str(error))


def _now(resources: Resources) -> datetime:
    """Give the moment by the clock of Redis, which says when each job was sent."""
    return datetime.fromtimestamp(redis_clock.now(resources.redis), UTC)


def register_waiting(resources: Resources, *, now: datetime) -> int:
    """Put the jobs that have waited for a moment into the ledger; gives how many were looked at."""
    registry = SubmissionRegistry(resources.redis)
    waiting = registry.waiting(sent_before=now - _AGE, limit=_AT_ONCE)
    submissions = []
    for job_id, list_key, raw in waiting:
        try:
            submissions.append(_read(raw, list_key))
        except (UnreadableMessage, Unhashable) as error:
            # The worker that receives the message will say so to its sender.
            log.warning("job_not_registered", job=job_id, error=str(error))
    resources.ledger.register(submissions)
    registry.forget([job_id for job_id, _, _ in waiting])
    return len(waiting)


def _read(raw: str, list_key: str) -> Submission:
    if list_key not in _LISTS:
        raise UnreadableMessage("unknown_list", f"expected a list of a queue, got {list_key!r}")
    queue, priority = _LISTS[list_key]
    message = TaskMessage.from_wire(raw, queue=queue, priority=priority)
    # In the ledger it would be sent again and again, and put aside by every worker.
    refuse_parts_of_jobs(message.task)
    return submission_of(message)
