"""From exception to outcome: the one table that says what a job's end means to its caller."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engines.errors import InvalidInput, Stopped, Unavailable
from queues.artifacts import ArtifactsUnavailable
from queues.job_error import Code, FieldProblem, JobError
from queues.ledger import LedgerUnavailable

_SHOWN = 200
_PYDANTIC_PREFIX = re.compile(r"^(Value error, (expected )?|(Input|String) should (be )?)")


class JobFailed(Exception):
    """What Celery stores for a job that did not succeed: its argument is the error as JSON."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)

    @property
    def error(self) -> JobError:
        """The error as a record."""
        return JobError.model_validate(self.args[0])


class InvalidRequest(Exception):
    """The request is not what its task declares."""

    def __init__(self, problems: ValidationError) -> None:
        super().__init__(problems)
        self.problems = problems


class Cancelled(Stopped):
    """Somebody asked that the job end."""


class DeadlineExceeded(Stopped):
    """The moment has passed after which the caller has no use for the result."""


class TimeLimitReached(Stopped):
    """The task's soft limit has passed."""


class Poison(Exception):
    """The job has taken its process along too often."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"{attempts} attempts ended without a word; the job is not run again")


class InvalidResult(Exception):
    """The task gave something that is not its declared result."""


def error_of(raised: BaseException) -> JobError:
    """Give the error that the caller reads for an exception."""
    for kind, describe in _TABLE:
        if isinstance(raised, kind):
            return describe(raised)
    return JobError.of(
        Code.INTERNAL,
        f"the task failed unexpectedly ({type(raised).__name__}); we have the details",
    )


def is_worth_waiting(error: JobError) -> bool:
    """Whether another attempt may succeed without anybody doing anything."""
    return error.code is Code.UNAVAILABLE


def _refused(raised: InvalidRequest) -> JobError:
    return refusal(field_problems(raised.problems))


def field_problems(refused: ValidationError) -> tuple[FieldProblem, ...]:
    """Say of each field what was expected and what came, in the words of the request."""
    return described(refused.errors(include_url=False))


def described(problems: Sequence[ErrorDetails]) -> tuple[FieldProblem, ...]:
    """Put what pydantic says of fields into the words of a request."""
    places = [problem["loc"] for problem in problems]
    return tuple(
        FieldProblem(
            field=".".join(str(part) for part in problem["loc"]) or "request",
            expected=_expected(problem),
            received="nothing" if problem["type"] == "missing" else _shown(problem["input"]),
        )
        for problem in problems
        if not (problem["type"] == "too_short" and _is_within(problem["loc"], places))
    )


def _is_within(place: tuple[int | str, ...], places: Sequence[tuple[int | str, ...]]) -> bool:
    """Tell whether an item of a list was refused: pydantic then finds the list too short."""
    return any(len(each) > len(place) and each[: len(place)] == place for each in places)


def _expected(problem: ErrorDetails) -> str:
    """Put what pydantic says so that it completes "expected ..."."""
    match problem["type"]:
        case "missing":
            return "a value"
        case "extra_forbidden":
            return "no field of this name"
        case "too_short":
            return f"a list of at least {problem['ctx']['min_length']}"
        case "too_long":
            return f"a list of at most {problem['ctx']['max_length']}"
        case "union_tag_not_found":
            return f"an object with a field {problem['ctx']['discriminator']}"
        case "union_tag_invalid":
            return f"one of {problem['ctx']['expected_tags']}"
        case "string_pattern_mismatch":
            return f"a text like {problem['ctx']['pattern']}"
        case _:
            return _PYDANTIC_PREFIX.sub("", problem["msg"])


def _refused_by_engine(raised: InvalidInput) -> JobError:
    received = _told(raised.received)
    problem = FieldProblem(field=raised.field, expected=raised.expected, received=received)
    return refusal((problem,))


def refusal(fields: tuple[FieldProblem, ...]) -> JobError:
    """Give the error of a request with these fields."""
    first = fields[0]
    more = f" (and {len(fields) - 1} more)" if len(fields) > 1 else ""
    return JobError.of(
        Code.INVALID_REQUEST,
        f"{first.field}: expected {first.expected}, received {first.received}{more}",
        fields,
    )


def _unkept(raised: ValidationError) -> JobError:
    problem = raised.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in (raised.title, *problem["loc"]))
    return JobError.of(
        Code.INVALID_RESULT, f"{where}: {problem['msg']}, received {_shown(problem['input'])}"
    )


def _told(received: object) -> str:
    """Give what an engine received: a text of its own says what is wrong with a value."""
    return received if type(received) is str else _shown(received)


def _shown(value: object) -> str:
    text = repr(value.value if isinstance(value, Enum) else value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _with(code: Code, message: str | None = None) -> Callable[[Any], JobError]:
    return lambda raised: JobError.of(code, message or str(raised))


_TABLE: tuple[tuple[type[BaseException], Callable[[Any], JobError]], ...] = (
    (JobFailed, lambda raised: raised.error),
    (InvalidRequest, _refused),
    (InvalidInput, _refused_by_engine),
    (Cancelled, _with(Code.CANCELLED)),
    (DeadlineExceeded, _with(Code.DEADLINE_EXCEEDED)),
    (TimeLimitReached, _with(Code.TIME_LIMIT)),
    (SoftTimeLimitExceeded, _with(Code.TIME_LIMIT, "the task's time limit has passed")),
    (Unavailable, _with(Code.UNAVAILABLE)),
    (ArtifactsUnavailable, _with(Code.UNAVAILABLE)),
    (LedgerUnavailable, _with(Code.UNAVAILABLE, "the ledger does not answer")),
    (MemoryError, _with(Code.OUT_OF_MEMORY, "the job needs more memory than its pool allows")),
    (Poison, _with(Code.POISON)),
    (InvalidResult, _with(Code.INVALID_RESULT)),
    # The request was read before: what does not validate now was made by the task.
    (ValidationError, _unkept),
)
