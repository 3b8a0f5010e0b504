"""The events of a job as server-sent events, which can be taken up again where they broke off.

Positions are those of the job's stream in Redis: milliseconds since 1970, and a number. Where
Redis has forgotten a job the ledger tells its story; positions are then made of its own times, so
that a client that comes back with either kind goes on at the right place.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from queues.events import JobEvent, Kind
from queues.job_error import JobError
from queues.ledger import Event, Ledger, LedgerUnavailable
from queues.names import events_key

START = "0-0"
_POSITION = re.compile(r"([0-9]{1,20})-([0-9]{1,20})")
_LARGEST = 2**64 - 1
_LOOK_MS = 1000
_SILENT_LOOKS = 15
"""After so many looks without news the client hears that we are there, and the ledger is asked."""
_ASK_EVERY_SECONDS = 1.0
"""Whether who follows may stay is asked so often."""
_TAKE_UP_AGAIN = b"retry: 2000\n\n"
_STILL_HERE = b": still here\n\n"


@dataclass(frozen=True)
class Told:
    """Something that happened to a job, and where it stands in the job's stream."""

    position: str
    event: JobEvent
    by_ledger: bool = False


def is_position(text: str) -> bool:
    """Tell whether this is a position in a stream."""
    parts = _POSITION.fullmatch(text)
    return parts is not None and max(map(int, parts.groups())) <= _LARGEST


@dataclass(kw_only=True)
class EventStreams:
    """The event streams of one gateway. It counts them, and ends them all when it stops."""

    redis: Redis
    ledger: Ledger
    is_stopping: bool = False
    held: Counter[UUID] = field(default_factory=Counter)
    """Token -> how many streams its bearer holds open."""

    async def told_since(self, job_id: UUID, position: str) -> list[Told]:
        """Give what happened after a position, without waiting for more."""
        told = await self._read(job_id, position, wait_ms=None)
        return told or await run_in_threadpool(self._recalled, job_id, position)

    async def follow(
        self, job_id: UUID, told: Sequence[Told], position: str, may_stay: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        """Give `told`, then what happens from there on, to the last event of the job.

        Who may not stay any more is told to come back, and refused then.
        """
        recalled: set[tuple[Kind, int]] = set()
        silent = 0
        asked_at = time.monotonic()
        while True:
            for each in told:
                position = each.position
                if _is_news(each, recalled):
                    yield _frame(each)
                if each.event.kind.is_last:
                    return
            is_welcome = True
            if time.monotonic() - asked_at >= _ASK_EVERY_SECONDS:
                is_welcome = await run_in_threadpool(may_stay)
                asked_at = time.monotonic()
            if self.is_stopping or not is_welcome:
                yield _TAKE_UP_AGAIN
                return
            silent = 0 if told else silent + 1
            if silent == _SILENT_LOOKS:
                yield _STILL_HERE
            try:
                told = await self._read(job_id, position, wait_ms=_LOOK_MS)
                if silent == _SILENT_LOOKS and not told:
                    # Its end may have been recorded and, Redis being away, not been told.
                    told = await run_in_threadpool(self._recalled, job_id, position)
                    silent = 0
            except (RedisError, LedgerUnavailable):
                yield _TAKE_UP_AGAIN
                return

    async def _read(self, job_id: UUID, position: str, *, wait_ms: int | None) -> list[Told]:
        stream = events_key(str(job_id))
        while True:
            answer = await self.redis.xread({stream: position}, block=wait_ms)
            entries = [entry for _, entries in answer or [] for entry in entries]
            told = [each for place, fields in entries if (each := _read(place, fields))]
            if told or not entries:
                return told
            position = entries[-1][0]

    def _recalled(self, job_id: UUID, position: str) -> list[Told]:
        """Give what the ledger knows: all of it to who knows nothing, else only the end."""
        job = self.ledger.get(job_id)
        if job is None or not (position == START or job.state.is_final):
            return []
        error = None if job.error is None else JobError.model_validate_json(job.error)
        told = [_recalled(event, error) for event in self.ledger.events(job_id)]
        return [each for each in told if each and _order(each.position) > _order(position)]


def _read(position: str, fields: Mapping[str, str]) -> Told | None:
    """Read an entry; none if it is no event, for backends write into these streams too."""
    try:
        return Told(position, JobEvent.model_validate_json(fields.get("event", "")))
    except ValidationError:
        return None


def _recalled(event: Event, error: JobError | None) -> Told | None:
    """Give an event of the ledger as Redis would have told it; none if it would not."""
    if event.kind.value not in set(Kind):
        return None
    kind = Kind(event.kind.value)
    told = JobEvent(
        kind=kind,
        job_id=str(event.job_id),
        at=event.at,
        attempt=event.attempt,
        error=error if kind.is_last else None,
    )
    return Told(f"{int(event.at.timestamp() * 1000)}-0", told, by_ledger=True)


def _is_news(told: Told, recalled: set[tuple[Kind, int]]) -> bool:
    """Tell whether Redis has not just said what the ledger, a moment earlier by its clock, did."""
    what = (told.event.kind, told.event.attempt)
    if told.by_ledger:
        recalled.add(what)
    elif what in recalled:
        recalled.remove(what)
        return False
    return True


def _order(position: str) -> tuple[int, int]:
    milliseconds, number = position.split("-")
    return int(milliseconds), int(number)


def _frame(told: Told) -> bytes:
    return f"id: {told.position}\ndata: {told.event.model_dump_json()}\n\n".encode()
