"""A job that is to be sent again and again, as the ledger keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from queues.names import Priority


class Missed(StrEnum):
    """What becomes of runs whose time passed while nobody could send them."""

    SKIP = "skip"
    """Nothing, beyond a delay of a minute."""
    RUN_ONCE = "runOnce"
    """The last of them is sent late, however many there were."""


@dataclass(frozen=True, kw_only=True)
class ScheduleTerms:
    """What is sent, and when: every so many seconds, or by a cron expression."""

    name: str
    task: str
    request: str
    """JSON text."""
    priority: Priority = Priority.NORMAL
    every_seconds: float | None = None
    cron: str | None = None
    time_zone: str = "UTC"
    """Whose clocks the cron expression means."""
    missed: Missed = Missed.RUN_ONCE


@dataclass(frozen=True, kw_only=True)
class Schedule(ScheduleTerms):
    """A tenant's schedule. Its name is unique among that tenant's."""

    tenant: str
    enabled: bool
    created_at: datetime
    """Intervals count from here."""
    updated_at: datetime
    """Nothing that was due before is sent any more."""

    @property
    def origin(self) -> str:
        """What the jobs that it sends say of where they come from."""
        return f"schedule:{self.name}"
