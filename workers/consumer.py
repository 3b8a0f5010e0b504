"""Celery's consumer, whose jobs for later wait for their tenant's turn once their time has come.

Celery would run them at once: a tenant could pass by the others, and over its cap, by a delay of a
moment; and so would every retry.
"""

from __future__ import annotations

from typing import Any

import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import task_ready
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class FleetConsumer(Consumer):
    """Named in `worker_consumer`."""

    def apply_eta_task(self, task: Any) -> None:
        """Let a job wait for its turn; run it, as Celery does, if Redis is away."""
        message = task.message
        try:
            message.channel.qos.let_wait_in_turn(str(message.delivery_tag))
        except (*self.connection_errors, RedisError, AttributeError) as error:
            log.warning("job_waits_for_no_turn", job=task.id, error=repr(error))
            super().apply_eta_task(task)
            return
        task_ready(task)
        self.qos.decrement_eventually()
