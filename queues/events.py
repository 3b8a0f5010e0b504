"""What happens to a job, told as it happens: a last value, and a stream that can be joined late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from redis import Redis
from redis.client import Pipeline

from queues.job_error import JobError
from queues.names import events_key, progress_key

_KEPT = timedelta(days=1)
_STREAM_LENGTH = 1000


class Kind(StrEnum):
    """What happened. The last three end the story."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    PROGRESS = "progress"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_last(self) -> bool:
        """Whether no event follows."""
        return self in {Kind.SUCCEEDED, Kind.FAILED, Kind.CANCELLED}


def _milliseconds_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Timestamp = Annotated[datetime, PlainSerializer(_milliseconds_utc, return_type=str)]


class JobEvent(BaseModel):
    """One thing that happened to a job."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True
    )

    kind: Kind
    job_id: str
    at: Timestamp
    attempt: int = 0
    fraction: Annotated[float | None, Field(ge=0, le=1)] = None
    message: str = ""
    error: JobError | None = None

    @classmethod
    def now(cls, kind: Kind, job_id: str, **details: Any) -> JobEvent:
        """Give the event that happens at this moment."""
        return cls(kind=kind, job_id=job_id, at=datetime.now(UTC), **details)


class EventChannel:
    """Publishes and follows the events of jobs in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def publish(self, event: JobEvent) -> None:
        """Tell those who watch, now and for a day."""
        with self._redis.pipeline(transaction=False) as pipe:
            self.add_to(pipe, event)
            pipe.execute()

    def add_to(self, pipe: Pipeline, event: JobEvent) -> None:
        """Publish as part of a pipeline that the caller executes."""
        text = event.model_dump_json()
        pipe.set(progress_key(event.job_id), text, ex=_KEPT)
        stream = events_key(event.job_id)
        pipe.xadd(stream, {"event": text}, maxlen=_STREAM_LENGTH, approximate=True)
        pipe.expire(stream, _KEPT)

    def last(self, job_id: str) -> JobEvent | None:
        """Give the job's latest event, or None if nothing was heard of it for a day."""
        text = self._redis.get(progress_key(job_id))
        return None if text is None else JobEvent.model_validate_json(text)

    def follow(
        self, job_id: str, *, after: str = "0", patience: timedelta = timedelta(seconds=5)
    ) -> Iterator[tuple[str, JobEvent | None]]:
        """Give the job's events from the stream position `after`, as (position, event).

        Ends after the last event. Whenever nothing happens for `patience`, gives the position
        with None, so that the caller can look elsewhere or give up.
        """
        stream = events_key(job_id)
        while True:
            answer = self._redis.xread(
                {stream: after}, block=max(1, int(patience.total_seconds() * 1000))
            )
            if not answer:
                yield after, None
                continue
            [(_, entries)] = answer
            for position, fields in entries:
                after = position
                event = JobEvent.model_validate_json(fields["event"])
                yield position, event
                if event.kind.is_last:
                    return
