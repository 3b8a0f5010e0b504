"""How a job that did not succeed says so: sorted by what the reader can do about it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Remedy(StrEnum):
    """What the reader of an error can do."""

    CHANGE_REQUEST = "change_request"
    WAIT = "wait"
    CALL_US = "call_us"


class Code(StrEnum):
    """Why a job did not succeed. Codes are for ever: programs compare them."""

    INVALID_REQUEST = "invalid_request"
    """The request is not what its task takes; `fields` says where."""
    UNKNOWN_TASK = "unknown_task"
    """The fleet has no task of this name."""
    OUTDATED_CLIENT = "outdated_client"
    """The client was generated from another schema of the task: generate it again."""
    TOO_LARGE = "too_large"
    """The request, or the message around it, has more bytes than are read."""
    WRONG_QUEUE = "wrong_queue"
    """The task does not run on the queue that it was sent to."""
    ID_CONFLICT = "id_conflict"
    """Another request has this id."""
    DEADLINE_EXCEEDED = "deadline_exceeded"
    """The caller's deadline passed before the job was done."""
    CANCELLED = "cancelled"
    """Somebody asked that the job end."""

    UNAVAILABLE = "unavailable"
    """Something outside did not answer, however often the task was tried."""
    QUOTA_EXCEEDED = "quota_exceeded"
    """The tenant has as many jobs waiting as it may: submit again later."""

    TIME_LIMIT = "time_limit"
    """The job ran longer than its limit."""
    OUT_OF_MEMORY = "out_of_memory"
    """The job needs more memory than its pool allows."""
    POISON = "poison"
    """The job took its process along too often, and is not run again."""
    INVALID_RESULT = "invalid_result"
    """The task gave something that is not its declared result."""
    INTERNAL = "internal"
    """The task failed in a way nobody foresaw; the fleet's log has the details."""

    @property
    def remedy(self) -> Remedy:
        """What the reader of this code can do."""
        if self in _PASSING:
            return Remedy.WAIT
        return Remedy.CALL_US if self in _OURS else Remedy.CHANGE_REQUEST


_PASSING = frozenset({Code.UNAVAILABLE, Code.QUOTA_EXCEEDED})
_OURS = frozenset(
    {Code.TIME_LIMIT, Code.OUT_OF_MEMORY, Code.POISON, Code.INVALID_RESULT, Code.INTERNAL}
)


class FieldProblem(BaseModel):
    """One field of a request that cannot be used."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    field: str
    expected: str
    received: str


class JobError(BaseModel):
    """The error of a job, as it crosses the wire and stands in the ledger."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True
    )

    code: Code
    remedy: Remedy
    message: str
    fields: tuple[FieldProblem, ...] = ()

    @classmethod
    def of(cls, code: Code, message: str, fields: tuple[FieldProblem, ...] = ()) -> JobError:
        """Give the error with the remedy that belongs to its code."""
        return cls(code=code, remedy=code.remedy, message=message, fields=fields)
