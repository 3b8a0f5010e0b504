"""What the tasks about schedules ask for: the schedules of the tenant whose job they are."""

from __future__ import annotations

from typing import Protocol

from queues.schedule import Schedule, ScheduleTerms


class ScheduleBook(Protocol):
    """One tenant's schedules. All but `find` and `listed` leave beat knowing what they did."""

    def put(self, terms: ScheduleTerms, *, enabled: bool | None) -> Schedule:
        """Make or change a schedule; None leaves it paused or not, as it was.

        Raises what the job fails with if it could never run.
        """

    def enable(self, name: str, *, enabled: bool) -> Schedule | None:
        """Pause a schedule or let it go on; none if there is none of the name."""

    def remove(self, name: str) -> bool:
        """Forget a schedule; tell whether there was one."""

    def find(self, name: str) -> Schedule | None:
        """Give a schedule."""

    def listed(self) -> list[Schedule]:
        """Give all schedules, by name."""
