"""What beat knows of the schedules: an entry in Redis for each, derived from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog
from pydantic import TypeAdapter
from redis import Redis
from redis.exceptions import ResponseError

from engines.recurrence.timetable import Timetable
from queues.names import SCHEDULES_KEY, schedule_key
from queues.schedule import Missed, Schedule
from tasks.fleet.schedule_state import timetable_of

_SCHEDULE = TypeAdapter(Schedule)
_GRACE = timedelta(minutes=1)
"""A run that is later has been missed: longer than another beat needs to take over."""
_OWED_FOR = timedelta(days=1)
"""How far a new entry looks back. Jobs are kept longer: of one that was sent it makes no other."""
_AT_ONCE = 100
_PAUSED = -1
_READ = ("schedule", "sent")
_NEVER = datetime(9999, 1, 1, tzinfo=UTC).timestamp()

# What was changed or removed meanwhile is left alone: whoever did it has beat look at it anew.
_NOTE = """
if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'sent', ARGV[2])
  redis.call('ZADD', KEYS[2], 'XX', ARGV[3], ARGV[4])
end
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A schedule, and when the last of its jobs that was sent was due."""

    schedule: Schedule
    timetable: Timetable
    sent: datetime

    @classmethod
    def read(cls, schedule: str, sent: str) -> Self:
        """Read an entry from Redis. Raises TypeError or ValueError."""
        read = _SCHEDULE.validate_json(schedule)
        return cls(schedule=read, timetable=timetable_of(read), sent=datetime.fromisoformat(sent))

    def owed(self, now: datetime) -> datetime | None:
        """Give when the job was due that should be sent now, if there is one.

        It is the last that was due since the schedule was changed: never one for each missed run.
        """
        since = max(self.sent, self.schedule.updated_at)
        if self.schedule.missed is Missed.SKIP:
            since = max(since, now - _GRACE)
        return self.timetable.latest(now, after=since)

    def next(self, now: datetime) -> datetime:
        """Give when the first job is due that lies ahead."""
        return self.timetable.next(now)


class Entries:
    """The entries in one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._note = redis.register_script(_NOTE)

    def write(self, schedule: Schedule, *, now: datetime) -> None:
        """Let beat know of a schedule as it is now; beat looks at it within a second."""
        key = schedule_key(schedule.tenant, schedule.name)
        with self._redis.pipeline() as pipe:
            text = _SCHEDULE.dump_json(schedule).decode()
            pipe.hset(key, mapping={"schedule": text, "version": _version(schedule.updated_at)})
            pipe.hsetnx(key, "sent", (now - _OWED_FOR).isoformat())
            pipe.zadd(SCHEDULES_KEY, {_member(schedule): 0 if schedule.enabled else _PAUSED})
            pipe.execute()

    def delete(self, tenant: str, name: str) -> None:
        """Let beat forget a schedule."""
        with self._redis.pipeline() as pipe:
            pipe.delete(schedule_key(tenant, name))
            pipe.zrem(SCHEDULES_KEY, f"{tenant}:{name}")
            pipe.execute()

    def due(self, now: datetime) -> Iterator[Entry]:
        """Give the entries to look at. Whoever does puts each off, or gets it again."""
        members = self._redis.zrange(
            SCHEDULES_KEY, 0, now.timestamp(), byscore=True, offset=0, num=_AT_ONCE
        )
        for member in members:
            try:
                tenant, name = member.split(":")
                entry = Entry.read(*self._redis.hmget(schedule_key(tenant, name), *_READ))
            except (TypeError, ValueError, ResponseError) as error:
                # Half lost, or of another version of the fleet: housekeeping writes it anew.
                log.warning("schedule_unreadable", schedule=member, error=str(error))
                self._redis.zrem(SCHEDULES_KEY, member)
            else:
                yield entry

    def put_off(self, entry: Entry, *, until: datetime, sent: datetime | None = None) -> None:
        """Look at an entry again at a later moment; note the job of which moment was sent."""
        schedule = entry.schedule
        self._note(
            keys=[schedule_key(schedule.tenant, schedule.name), SCHEDULES_KEY],
            args=[
                _version(schedule.updated_at),
                (sent or entry.sent).isoformat(),
                until.timestamp(),
                _member(schedule),
            ],
        )

    def next(self) -> datetime | None:
        """Give when there is an entry to look at, if there is one that is not paused."""
        first = self._redis.zrange(
            SCHEDULES_KEY, 0, _NEVER, byscore=True, offset=0, num=1, withscores=True
        )
        return datetime.fromtimestamp(first[0][1], UTC) if first else None

    def versions(self) -> dict[tuple[str, str], datetime | None]:
        """Give which version of each schedule there is: (tenant, name) -> when it was changed."""
        found = (each.split(":") for each in self._redis.zrange(SCHEDULES_KEY, 0, -1))
        members = [(place[0], place[1]) for place in found if len(place) == 2]
        with self._redis.pipeline(transaction=False) as pipe:
            for tenant, name in members:
                pipe.hget(schedule_key(tenant, name), "version")
            versions = pipe.execute()
        return {place: _moment(version) for place, version in zip(members, versions, strict=True)}


def _member(schedule: Schedule) -> str:
    return f"{schedule.tenant}:{schedule.name}"


def _version(updated_at: datetime) -> str:
    return updated_at.isoformat()


def _moment(version: str | None) -> datetime | None:
    """Read when a schedule was changed; what cannot be read is as good as missing."""
    try:
        return None if version is None else datetime.fromisoformat(version)
    except ValueError:
        return None
