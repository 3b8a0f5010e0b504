"""`fleet.list_schedules`: what a tenant has sent by the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import ScheduleState
from tasks.payload import Payload


class ListSchedulesRequest(Payload):
    """Nothing needs to be said: they are those of the tenant whose job this is."""


class ListSchedulesResult(Payload):
    """A tenant's schedules."""

    schedules: tuple[ScheduleState, ...]
    """By name, without their requests."""


@task("fleet.list_schedules", queue=Queue.CPU, also_on=Queue)
def list_schedules(
    request: ListSchedulesRequest, *, schedules: ScheduleBook, progress: Progress
) -> ListSchedulesResult:
    """List the schedules of a tenant."""
    progress(0.0, "looking them up")
    now = datetime.now(UTC)
    return ListSchedulesResult(
        schedules=tuple(ScheduleState.of(schedule, now=now) for schedule in schedules.listed())
    )
