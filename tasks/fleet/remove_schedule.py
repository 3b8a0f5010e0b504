"""`fleet.remove_schedule`: forget a schedule."""

from __future__ import annotations

from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import NamedSchedule
from tasks.payload import Payload


class RemoveScheduleResult(Payload):
    """What was done."""

    removed: bool
    """Whether there was one."""


@task("fleet.remove_schedule", queue=Queue.CPU, also_on=Queue)
def remove_schedule(
    request: NamedSchedule, *, schedules: ScheduleBook, progress: Progress
) -> RemoveScheduleResult:
    """Forget a schedule; jobs that it has sent go on."""
    progress(0.0, "removing it")
    return RemoveScheduleResult(removed=schedules.remove(request.name))
