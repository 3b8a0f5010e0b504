"""A schedule as its tenant reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, Field

from engines.errors import InvalidInput
from engines.recurrence.timetable import Interval, Timetable, wall_clock
from queues.names import Priority
from queues.schedule import Missed, Schedule
from tasks.payload import Payload

_RUNS_SHOWN = 3

ScheduleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class NamedSchedule(Payload):
    """One of the schedules of the tenant whose job this is."""

    name: ScheduleName
    """Unique among the tenant's."""


class ScheduleState(Payload):
    """What is sent, when, and when next."""

    name: ScheduleName
    """Unique among the tenant's."""
    task: str
    """What its jobs are jobs of."""
    every_seconds: float | None
    """From one job to the next."""
    cron: str | None
    """When a job is sent, on the clocks of the time zone."""
    time_zone: str
    """As in the IANA database."""
    missed: Missed
    """What becomes of runs that nobody could send in time."""
    priority: Priority
    """Of its jobs."""
    enabled: bool
    """False while it is paused."""
    created_at: AwareDatetime
    """When it was made; intervals count from here."""
    updated_at: AwareDatetime
    """When it was last changed, paused or resumed."""
    next_runs: tuple[AwareDatetime, ...]
    """In UTC; none while it is paused."""

    @classmethod
    def of(cls, schedule: Schedule, *, now: datetime) -> Self:
        """Describe a schedule as it stands."""
        return cls(
            name=schedule.name,
            task=schedule.task,
            every_seconds=schedule.every_seconds,
            cron=schedule.cron,
            time_zone=schedule.time_zone,
            missed=schedule.missed,
            priority=schedule.priority,
            enabled=schedule.enabled,
            created_at=schedule.created_at,
            updated_at=schedule.updated_at,
            next_runs=tuple(_next_runs(schedule, now)) if schedule.enabled else (),
        )


def timetable_of(schedule: Schedule) -> Timetable:
    """Give the moments at which a schedule's jobs are due. Raises `InvalidInput`."""
    if schedule.cron is not None:
        return wall_clock(schedule.cron, schedule.time_zone)
    return Interval(every=timedelta(seconds=schedule.every_seconds or 0), start=schedule.created_at)


def unknown(name: str) -> InvalidInput:
    """Give what a task raises that was asked about a schedule that there is not."""
    return InvalidInput("name", expected="the name of a schedule of this tenant", received=name)


def _next_runs(schedule: Schedule, now: datetime) -> list[datetime]:
    timetable = timetable_of(schedule)
    runs = [timetable.next(now)]
    while len(runs) < _RUNS_SHOWN:
        runs.append(timetable.next(runs[-1]))
    return runs
