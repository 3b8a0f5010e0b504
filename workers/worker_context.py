"""What the tasks of one worker share: its settings, and each process's connections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from config.workers import WorkerSettings
from workers.resources import PerProcess


@dataclass(frozen=True, kw_only=True)
class WorkerContext:
    """Hangs on the Celery app as `app.fleet`."""

    settings: WorkerSettings
    resources: PerProcess

    @property
    def lease(self) -> timedelta:
        """How long a job is a worker's without news of it."""
        return timedelta(seconds=self.settings.lease_seconds)

    def for_run(self, hostname: str) -> dict[str, Any]:
        """Give what every `JobRun` on the worker `hostname` needs."""
        return {"resources": self.resources(), "worker": hostname, "lease": self.lease}
