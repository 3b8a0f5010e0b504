"""Keep the jobs of this worker its own, and kill those that were cancelled and do not listen.

A job's message is redelivered once its lease is over (kombu's visibility timeout, and
`lease_until` in the ledger). Both are short, so that a lost worker's jobs are soon run again,
and both are renewed from here while this worker lives. A thread, because the event loop must not
wait for Postgres.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import bootsteps
from celery.concurrency import prefork
from celery.worker import state
from redis import Redis
from redis.exceptions import RedisError

from queues import redis_clock
from queues.cancellation import cancellations
from queues.ledger import LedgerUnavailable
from queues.message import DEFAULT_TENANT
from queues.names import UNACKED_INDEX_KEY, slots_key
from workers import side_thread
from workers.request import FleetRequest
from workers.resources import Resources
from workers.worker_context import WorkerContext

_LOOK_EVERY_SECONDS = 0.25

log = structlog.get_logger(__name__)


class JobKeeper(bootsteps.StartStopStep):
    """A step of Celery's worker that lasts as long as the process.

    It has no end: while a worker stops, its last jobs still run and must stay its own.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._next_renewal = 0.0
        self._wished_since: dict[str, float] = {}

    def start(self, worker: Any) -> None:
        """Begin to keep the worker's jobs."""
        side_thread.repeat(
            "job-keeper", lambda: self._keep(worker), every_seconds=_LOOK_EVERY_SECONDS
        )

    def _keep(self, worker: Any) -> None:
        fleet: WorkerContext = worker.app.fleet
        if time.monotonic() >= self._next_renewal:
            self._next_renewal = time.monotonic() + fleet.settings.renewal_seconds
            renew(fleet.resources(), worker.hostname, fleet.lease)
        self._kill_the_deaf(worker, fleet)

    def _kill_the_deaf(self, worker: Any, fleet: WorkerContext) -> None:
        active = {request.id: request for request in _copy(state.active_requests)}
        watched = {job_id: request.watched_id for job_id, request in active.items()}
        try:
            wished = cancellations(fleet.resources().redis, list(watched.values()))
        except RedisError:
            return
        now = time.monotonic()
        self._wished_since = {
            job_id: self._wished_since.get(job_id, now)
            for job_id, watched_id in watched.items()
            if watched_id in wished
        }
        if not isinstance(worker.pool, prefork.TaskPool):
            return  # the job is a thread: only its own progress callback can end it
        for job_id, since in self._wished_since.items():
            if now - since >= fleet.settings.cancel_grace_seconds:
                log.warning("job_killed", job=job_id, task=active[job_id].task_name)
                worker.consumer.call_soon(_kill, active[job_id], worker.pool)


def _kill(request: FleetRequest, pool: Any) -> None:
    """Kill the process of a job that still runs: the next moment it may run another's."""
    if request in state.active_requests:
        request.terminate(pool, signal="KILL")


def renew(resources: Resources, worker: str, lease: timedelta) -> None:
    """Renew the leases of all messages and jobs that this worker holds."""
    running = _copy(state.active_requests)
    held = {*running, *_copy(state.reserved_requests), *_copy(state.scheduled_requests)}
    if not held:
        return
    # The ledger first: Redis may take long to answer when it is ill.
    try:
        resources.ledger.renew(worker, [UUID(request.id) for request in running], lease)
    except LedgerUnavailable as error:
        log.warning("leases_not_renewed", error=str(error))
    try:
        now = redis_clock.now(resources.redis)
        _renew_messages(resources.redis, held, now, lease)
    except RedisError as error:
        log.warning("messages_not_renewed", error=repr(error))


def _renew_messages(
    redis: Redis, held: Iterable[FleetRequest], now: float, lease: timedelta
) -> None:
    """Renew the messages and the slots that they have; those without one get none by it."""
    with redis.pipeline(transaction=False) as pipe:
        for request in held:
            tag = {str(request.message.delivery_tag): now}
            slots = slots_key(request.request_dict.get("tenant") or DEFAULT_TENANT)
            pipe.zadd(UNACKED_INDEX_KEY, tag, xx=True)
            pipe.zadd(slots, tag, xx=True)
            pipe.expire(slots, math.ceil(lease.total_seconds()))
        pipe.execute()


def _copy(requests: Iterable[Any]) -> list[FleetRequest]:
    """Copy the jobs in a set that the event loop's thread changes at any moment."""
    while True:
        try:
            return [request for request in requests if isinstance(request, FleetRequest)]
        except RuntimeError:  # it changed while it was read
            continue
