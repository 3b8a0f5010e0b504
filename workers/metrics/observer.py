"""What a worker's main process tells of its jobs, whoever listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from queues.ledger import State
from queues.names import Priority

HELD = "held"
"""Why a message came back without an error: somebody else had the job, or the ledger was away."""


@dataclass(frozen=True, kw_only=True)
class ObservedJob:
    """A delivery, as far as metrics tell one from another."""

    task: str
    """The Celery task, with the suffix of a shard or a merge; of a refused job what it asked for,
    which may be anything."""
    queue: str
    priority: Priority


class FleetObserver:
    """Is told, by any thread of a worker's main process, what becomes of jobs; ignores it all."""

    def begun(self, job: ObservedJob, *, waited: timedelta | None) -> None:
        """Hear that a process began with a job that could have run for `waited`."""

    def ended(
        self, job: ObservedJob, state: State, *, reason: str = "", seconds: float | None = None
    ) -> None:
        """Hear that a job ended, after so many seconds of running if that is known."""

    def retried(self, job: ObservedJob, *, reason: str) -> None:
        """Hear that an attempt ended early and another follows."""

    def cut_short(self, job: ObservedJob, *, reason: str) -> None:
        """Hear that a job's process was killed or died."""

    def reconciled(self, sent: Mapping[str, int]) -> None:
        """Hear how many jobs were sent again, by what was wrong with them."""
