"""The schedules of one tenant, for its own jobs and for the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError

from engines.errors import InvalidInput
from queues.ledger import Ledger, schedules
from queues.ledger.schedules import TooManySchedules
from queues.schedule import Schedule, ScheduleTerms
from tasks.catalogue import by_name
from tasks.declaration import Declaration, needs_of
from tasks.fleet.schedule_book import ScheduleBook
from workers.failure import JobFailed, described, refusal
from workers.intake import size_of
from workers.schedules.entries import Entries

MAX_SCHEDULES = 1000
"""Of one tenant. Each is looked at when it is due, and lies in Redis."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TenantSchedules:
    """A `ScheduleBook`: writes the ledger, then lets beat know."""

    tenant: str
    ledger: Ledger
    entries: Entries

    def put(self, terms: ScheduleTerms, *, enabled: bool | None) -> Schedule:
        """Make or change a schedule."""
        _check(terms)
        try:
            schedule = schedules.put(
                self.ledger.engine, self.tenant, terms, enabled=enabled, at_most=MAX_SCHEDULES
            )
        except TooManySchedules as error:
            raise InvalidInput(
                "name",
                expected=f"one of the tenant's {MAX_SCHEDULES} schedules: it can have no more",
                received=terms.name,
            ) from error
        self._written(schedule)
        return schedule

    def enable(self, name: str, *, enabled: bool) -> Schedule | None:
        """Pause a schedule or let it go on."""
        schedule = schedules.enable(self.ledger.engine, self.tenant, name, enabled=enabled)
        if schedule is not None:
            self._written(schedule)
        return schedule

    def remove(self, name: str) -> bool:
        """Forget a schedule."""
        removed = schedules.remove(self.ledger.engine, self.tenant, name)
        self._tell(lambda: self.entries.delete(self.tenant, name), name)
        return removed

    def find(self, name: str) -> Schedule | None:
        """Give a schedule."""
        return schedules.find(self.ledger.engine, self.tenant, name)

    def listed(self) -> list[Schedule]:
        """Give all schedules, by name."""
        return schedules.listed(self.ledger.engine, tenant=self.tenant)

    def _written(self, schedule: Schedule) -> None:
        now = datetime.now(UTC)
        self._tell(lambda: self.entries.write(schedule, now=now), schedule.name)

    def _tell(self, tell: Callable[[], None], name: str) -> None:
        try:
            tell()
        except RedisError as error:  # housekeeping will tell beat
            log.warning("schedule_not_told", schedule=name, tenant=self.tenant, error=repr(error))


def _check(terms: ScheduleTerms) -> None:
    """Refuse what would be refused each time it is sent."""
    tasks = {name: each for name, each in by_name().items() if _may_be_scheduled(each)}
    declaration = tasks.get(terms.task)
    if declaration is None:
        raise InvalidInput("task", expected=f"one of {', '.join(tasks)}", received=terms.task)
    limit = declaration.terms.max_request_bytes
    size = size_of(json.loads(terms.request))
    if size > limit:
        raise InvalidInput("request", expected=f"at most {limit} bytes", received=f"{size} bytes")
    try:
        declaration.request.model_validate_json(terms.request)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        for problem in problems:
            problem["loc"] = ("request", *problem["loc"])
        raise JobFailed(refusal(described(problems)).model_dump(mode="json")) from error


def _may_be_scheduled(declaration: Declaration) -> bool:
    """Leave out the tasks about schedules: one that makes others would have no end."""
    return ScheduleBook not in needs_of(declaration.run).values()
