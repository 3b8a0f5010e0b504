"""Every exception has one outcome, and every outcome tells its reader what to do."""

from __future__ import annotations

from typing import Annotated

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from pydantic import Field, ValidationError

from engines.errors import InvalidInput, Stopped, Unavailable
from queues.artifacts import ArtifactsUnavailable
from queues.job_error import Code, FieldProblem, JobError, Remedy
from queues.ledger import LedgerUnavailable
from tasks.payload import Payload
from workers.failure import (
    Cancelled,
    DeadlineExceeded,
    InvalidRequest,
    InvalidResult,
    JobFailed,
    Poison,
    TimeLimitReached,
    error_of,
    field_problems,
    is_worth_waiting,
)


class Limits(Payload):
    low: float
    high: float


class Order(Payload):
    name: str
    limits: Limits


def _problems(text: str) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate_json(text)
    return caught.value


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (Cancelled("not needed"), Code.CANCELLED, "not needed"),
        (DeadlineExceeded("the deadline has passed"), Code.DEADLINE_EXCEEDED, "the deadline has"),
        (TimeLimitReached("the limit of 3 s"), Code.TIME_LIMIT, "the limit of 3 s"),
        (SoftTimeLimitExceeded(), Code.TIME_LIMIT, "the task's time limit has passed"),
        (Unavailable("no rates today"), Code.UNAVAILABLE, "no rates today"),
        (ArtifactsUnavailable("no bucket"), Code.UNAVAILABLE, "no bucket"),
        (LedgerUnavailable("host db-1"), Code.UNAVAILABLE, "the ledger does not answer"),
        (MemoryError(), Code.OUT_OF_MEMORY, "more memory than its pool allows"),
        (Poison(3), Code.POISON, "3 attempts"),
        (InvalidResult("result: expected A"), Code.INVALID_RESULT, "result: expected A"),
        (RuntimeError("secret"), Code.INTERNAL, "(RuntimeError)"),
        (Stopped(), Code.INTERNAL, "(Stopped)"),
        (KeyError("x"), Code.INTERNAL, "(KeyError)"),
        (ValueError("x"), Code.INTERNAL, "(ValueError)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_exception_has_its_code(raised: Exception, code: Code, message: str) -> None:
    """The table says what the caller reads; what it does not know is ours to explain."""
    error = error_of(raised)

    assert (error.code, error.remedy, error.fields) == (code, code.remedy, ())
    assert message in error.message


def test_an_unexpected_exception_keeps_its_text_to_itself() -> None:
    """What we did not write for the caller may hold what is not theirs."""
    assert "password" not in error_of(RuntimeError("password=hunter2")).message


def test_a_bad_request_is_told_field_by_field() -> None:
    """Every problem is named in the words of the request, at its own path."""
    problems = _problems('{"name": 7, "limits": {"low": "x"}, "colour": "red"}')

    error = error_of(InvalidRequest(problems))

    assert (error.code, error.remedy) == (Code.INVALID_REQUEST, Remedy.CHANGE_REQUEST)
    assert [(field.field, field.received) for field in error.fields] == [
        ("name", "7"),
        ("limits.low", "'x'"),
        ("limits.high", "nothing"),
        ("colour", "'red'"),
    ]
    assert error.message == "name: expected a valid string, received 7 (and 3 more)"


@pytest.mark.parametrize("text", ["[]", "null", "7"])
def test_a_request_that_is_no_object_is_wrong_as_a_whole(text: str) -> None:
    """A problem without a place is the request's."""
    assert [field.field for field in error_of(InvalidRequest(_problems(text))).fields] == [
        "request"
    ]


def test_what_was_received_is_quoted_shortly() -> None:
    """An error is no copy of the request."""
    [problem, *_] = error_of(InvalidRequest(_problems(f'{{"name": [{"1," * 999}1]}}'))).fields

    assert len(problem.received) == 200
    assert problem.received.endswith("...")


def test_a_value_the_engine_refuses_is_a_field_too() -> None:
    """The caller cannot tell, and need not, which layer found the mistake."""
    error = error_of(InvalidInput("scenario.low", expected="less than high", received=7.5))

    assert error.code is Code.INVALID_REQUEST
    assert error.message == "scenario.low: expected less than high, received 7.5"
    assert error.fields == (
        FieldProblem(field="scenario.low", expected="less than high", received="7.5"),
    )


def test_what_the_task_built_wrongly_is_not_the_callers_fault() -> None:
    """The request was read before: a payload that does not validate afterwards is ours."""
    error = error_of(_problems('{"name": "x", "limits": {"low": 1}}'))

    assert (error.code, error.remedy, error.fields) == (Code.INVALID_RESULT, Remedy.CALL_US, ())
    assert error.message == "Order.limits.high: Field required, received {'low': 1}"


@pytest.mark.parametrize("code", Code)
def test_a_failure_keeps_its_error(code: Code) -> None:
    """What Celery stores and hands on is the error again, whole."""
    error = JobError.of(code, "why", (FieldProblem(field="a", expected="b", received="c"),))

    assert error_of(JobFailed(error.model_dump(mode="json"))) == error


def test_only_what_is_away_is_worth_waiting_for() -> None:
    """A retry of anything else would end in the same way."""
    assert [code for code in Code if is_worth_waiting(JobError.of(code, ""))] == [Code.UNAVAILABLE]


class Levels(Payload):
    percents: Annotated[tuple[Annotated[float, Field(gt=1)], ...], Field(min_length=1)]


def test_a_list_is_not_blamed_for_its_items() -> None:
    """One level that is refused leaves none, but the list was long enough; an empty one is not."""

    def fields(text: str) -> list[tuple[str, str]]:
        with pytest.raises(ValidationError) as caught:
            Levels.model_validate_json(text)
        return [(each.field, each.expected) for each in field_problems(caught.value)]

    assert fields('{"percents": [0.95]}') == [("percents.0", "greater than 1")]
    assert fields('{"percents": []}') == [("percents", "a list of at least 1")]


def test_an_engine_says_what_it_received() -> None:
    """A text as it is, a value as it would be written, an enumeration's value without its class."""
    received = [
        error_of(InvalidInput("field", expected="another", received=each)).fields[0].received
        for each in ("two of them", 0.5, Code.UNAVAILABLE)
    ]

    assert received == ["two of them", "0.5", "'unavailable'"]
