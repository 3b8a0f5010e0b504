"""`fleet.resume_schedule`: go on with a paused schedule."""

from __future__ import annotations

from datetime import UTC, datetime

from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import NamedSchedule, ScheduleState, unknown


@task("fleet.resume_schedule", queue=Queue.CPU, also_on=Queue)
def resume_schedule(
    request: NamedSchedule, *, schedules: ScheduleBook, progress: Progress
) -> ScheduleState:
    """Go on with a paused schedule; what was due meanwhile is not sent."""
    progress(0.0, "resuming it")
    schedule = schedules.enable(request.name, enabled=True)
    if schedule is None:
        raise unknown(request.name)
    return ScheduleState.of(schedule, now=datetime.now(UTC))
