"""`fleet.show_schedule`: a schedule with the request that it sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import NamedSchedule, ScheduleState, unknown
from tasks.payload import Payload


class ShowScheduleResult(Payload):
    """A schedule, whole."""

    schedule: ScheduleState
    request: dict[str, Any]
    """Of each of its jobs."""


@task("fleet.show_schedule", queue=Queue.CPU, also_on=Queue)
def show_schedule(
    request: NamedSchedule, *, schedules: ScheduleBook, progress: Progress
) -> ShowScheduleResult:
    """Give a schedule with the request that it sends."""
    progress(0.0, "looking it up")
    schedule = schedules.find(request.name)
    if schedule is None:
        raise unknown(request.name)
    return ShowScheduleResult(
        schedule=ScheduleState.of(schedule, now=datetime.now(UTC)),
        request=json.loads(schedule.request),
    )
