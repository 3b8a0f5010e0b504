"""`fleet.put_schedule`: have a job sent by the clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.progress import Progress
from engines.recurrence.timetable import wall_clock
from queues.names import Priority, Queue
from queues.schedule import Missed, ScheduleTerms
from tasks.declaration import Terms, task
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import ScheduleName, ScheduleState
from tasks.payload import Payload
from tasks.refusal import refused_fields

_A_YEAR = timedelta(days=366).total_seconds()


class PutScheduleRequest(Payload):
    """A job, and when it is to be sent: `everySeconds` or `cron`, one of the two."""

    name: ScheduleName
    """A schedule of this name is changed, if the tenant has one."""
    task: Annotated[str, Field(max_length=128)]
    """Any task but those about schedules."""
    request: dict[str, Any]
    """Of that task; checked now."""
    every_seconds: Annotated[float, Field(ge=1, le=_A_YEAR)] | None = None
    """Counted from when the schedule was made; the first job is sent that long after it."""
    cron: Annotated[str, Field(max_length=256)] | None = None
    """Minute, hour, day of month, month and day of week, as in `30 6 * * 1-5`."""
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"
    """Whose clocks the cron expression means: a name of the IANA database, as `Europe/Berlin`."""
    missed: Missed = Missed.RUN_ONCE
    """What becomes of runs whose time passed while nobody could send them: `skip` leaves them
    out, `runOnce` sends the last of them late."""
    priority: Priority = Priority.NORMAL
    """Of the jobs."""
    enabled: bool | None = None
    """Null lets a new schedule begin, and leaves a known one paused or not, as it is."""

    @model_validator(mode="after")
    def _has_one_clock(self) -> Self:
        with refused_fields(self):
            if (self.every_seconds is None) == (self.cron is None):
                given = "neither" if self.cron is None else "both"
                raise InvalidInput("every_seconds", expected="this or `cron`", received=given)
            wall_clock(self.cron or "* * * * *", self.time_zone)
        return self

    def terms(self) -> ScheduleTerms:
        """Give what the ledger keeps of it."""
        return ScheduleTerms(
            name=self.name,
            task=self.task,
            request=json.dumps(self.request, ensure_ascii=False, allow_nan=False),
            priority=self.priority,
            every_seconds=self.every_seconds,
            cron=self.cron,
            time_zone=self.time_zone,
            missed=self.missed,
        )


@task(
    "fleet.put_schedule",
    queue=Queue.CPU,
    also_on=Queue,
    # Beat and Postgres hold up to a thousand of a tenant's.
    terms=Terms(max_request_bytes=1 << 18),
)
def put_schedule(
    request: PutScheduleRequest, *, schedules: ScheduleBook, progress: Progress
) -> ScheduleState:
    """Have a job sent every so often, or by a cron expression; make or change its schedule."""
    progress(0.0, "writing it down")
    schedule = schedules.put(request.terms(), enabled=request.enabled)
    return ScheduleState.of(schedule, now=datetime.now(UTC))
