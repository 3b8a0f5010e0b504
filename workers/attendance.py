"""Say every two seconds that this worker is there, for `fleet top` and for metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from redis.exceptions import RedisError

from queues.attendance import forget_the_gone, sign_in
from workers import side_thread

_EVERY_SECONDS = 2

log = structlog.get_logger(__name__)


class Attendance(bootsteps.StartStopStep):
    """A step of Celery's worker that lasts as long as the process."""

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        """Begin to sign in."""
        _try(lambda: forget_the_gone(worker.app.fleet.resources().redis))
        _try(lambda: _sign(worker))
        side_thread.repeat(
            "attendance", lambda: _try(lambda: _sign(worker)), every_seconds=_EVERY_SECONDS
        )


def queue_of(worker: Any) -> str:
    """Give the queue that a worker serves; each of ours serves one."""
    queue: str = next(iter(worker.app.amqp.queues.consume_from))
    return queue


def _sign(worker: Any) -> None:
    sign_in(
        worker.app.fleet.resources().redis,
        name=worker.hostname,
        queue=queue_of(worker),
        slots=worker.concurrency,
        busy=len(state.active_requests),
    )


def _try(action: Callable[[], None]) -> None:
    try:
        action()
    except RedisError as error:
        log.debug("not_signed_in", error=repr(error))
