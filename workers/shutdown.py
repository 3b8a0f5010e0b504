"""A shutdown that waits for running jobs as long as it must, and no longer than it may.

SIGTERM lets the jobs of a worker finish. Celery's own bounded variant sleeps in a signal handler
for its whole timeout, deaf to jobs that end meanwhile; here the wait is Celery's warm shutdown,
which ends with the last job, and an alarm turns it into the cold one, which gives jobs back.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import worker_shutting_down

log = structlog.get_logger(__name__)


class BoundedShutdown(bootsteps.Step):
    """Arms the alarm when a worker begins to stop."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._seconds: float = worker.app.fleet.settings.soft_shutdown_seconds
        worker_shutting_down.connect(self._arm, weak=False)

    def _arm(self, how: str = "Warm", **_: Any) -> None:
        if how == "Warm":
            alarm = threading.Timer(self._seconds, self._ring)
            alarm.daemon = True
            alarm.start()

    def _ring(self) -> None:
        log.warning("jobs_given_back", after_seconds=self._seconds)
        os.kill(os.getpid(), signal.SIGQUIT)
