"""Keep the jobs of this worker its own, and kill those that were cancelled and do not listen.

A job's message is redelivered once its lease is over (kombu's visibility timeout, and
`lease_until` in the ledger). Both are short, so that a lost worker's jobs are soon run again,
and both are renewed from here while this worker lives. A thread, because the event loop must not
wait for Postgres.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import bootsteps
from celery.concurrency import prefork
from celery.worker import state
from redis.exceptions import RedisError

from queues.cancellation import cancellations
from queues.ledger import LedgerUnavailable
from workers.resources import Resources
from workers.transport import tags_in_hand
from workers.worker_context import WorkerContext

_LOOK_EVERY_SECONDS = 0.25
_UNACKED_INDEX = "unacked_index"

log = structlog.get_logger(__name__)


class JobKeeper(bootsteps.StartStopStep):
    """A step of Celery's worker: runs from before the first job until after the last."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._wished_since: dict[str, float] = {}

    def start(self, worker: Any) -> None:
        """Begin to keep the worker's jobs."""
        self._thread = threading.Thread(
            target=self._run, args=(worker,), name="job-keeper", daemon=True
        )
        self._thread.start()

    def stop(self, worker: Any) -> None:
        """Let go; what still runs is given back by its request."""
        self._stop.set()

    terminate = stop

    def _run(self, worker: Any) -> None:
        fleet: WorkerContext = worker.app.fleet
        # Connections of this thread's own: redis-py's are thread-safe, the ledger's per thread.
        resources = fleet.resources()
        next_renewal = 0.0
        while not self._stop.wait(_LOOK_EVERY_SECONDS):
            if time.monotonic() >= next_renewal:
                next_renewal = time.monotonic() + fleet.settings.renewal_seconds
                renew(resources, worker.hostname, fleet.lease)
            self._kill_the_deaf(worker, resources, fleet.settings.cancel_grace_seconds)

    def _kill_the_deaf(self, worker: Any, resources: Resources, grace_seconds: float) -> None:
        active = {request.id: request for request in tuple(state.active_requests)}
        try:
            wished = cancellations(resources.redis, list(active))
        except RedisError:
            return
        now = time.monotonic()
        self._wished_since = {job: self._wished_since.get(job, now) for job in wished}
        if not isinstance(worker.pool, prefork.TaskPool):
            return  # the job is a thread: only its own progress callback can end it
        for job, since in self._wished_since.items():
            if now - since >= grace_seconds:
                log.warning("job_killed", job=job, reason=wished[job])
                worker.consumer.call_soon(active[job].terminate, worker.pool, signal="KILL")


def renew(resources: Resources, worker: str, lease: timedelta) -> None:
    """Renew the leases of all messages and jobs that this worker holds."""
    now = time.time()
    tags = tags_in_hand()
    if not tags:
        return
    try:
        resources.redis.zadd(_UNACKED_INDEX, dict.fromkeys(tags, now), xx=True)
    except RedisError as error:
        log.warning("messages_not_renewed", error=repr(error))
    running = [UUID(r.id) for r in tuple(state.active_requests)]
    try:
        resources.ledger.renew(worker, running, lease)
    except LedgerUnavailable as error:
        log.warning("leases_not_renewed", error=str(error))
