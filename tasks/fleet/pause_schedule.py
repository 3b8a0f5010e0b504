"""`fleet.pause_schedule`: stop sending the jobs of a schedule, and keep it."""

from __future__ import annotations

from datetime import UTC, datetime

from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import NamedSchedule, ScheduleState, unknown


@task("fleet.pause_schedule", queue=Queue.CPU, also_on=Queue)
def pause_schedule(
    request: NamedSchedule, *, schedules: ScheduleBook, progress: Progress
) -> ScheduleState:
    """Stop sending the jobs of a schedule, and keep it."""
    progress(0.0, "pausing it")
    schedule = schedules.enable(request.name, enabled=False)
    if schedule is None:
        raise unknown(request.name)
    return ScheduleState.of(schedule, now=datetime.now(UTC))
