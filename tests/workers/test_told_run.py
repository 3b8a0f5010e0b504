"""What logs and traces say of an end is what it was, and as loud as its reader has to act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from queues.job_error import Code, JobError
from workers.job_run import Failed, LeftAlone, Outcome, PutBack, Succeeded
from workers.told_run import end_of
from workers.tracing import RunEnd


def _error(code: Code) -> JobError:
    return JobError.of(code, "it quotes the request")


@pytest.mark.parametrize(
    ("outcome", "end", "is_error"),
    [
        (Succeeded("{}", 2), RunEnd(outcome="succeeded", attempt=2), False),
        (Succeeded("{}"), RunEnd(outcome="known"), False),
        (
            Failed(_error(Code.INTERNAL), 3),
            RunEnd(outcome="failed", attempt=3, code="internal"),
            True,
        ),
        (
            Failed(_error(Code.CANCELLED), 1),
            RunEnd(outcome="cancelled", attempt=1, code="cancelled"),
            False,
        ),
        (
            PutBack(timedelta(seconds=2), _error(Code.UNAVAILABLE), 1),
            RunEnd(outcome="retrying", attempt=1, code="unavailable"),
            True,
        ),
        (PutBack(timedelta(seconds=2)), RunEnd(outcome="put_back"), False),
        (LeftAlone("split"), RunEnd(outcome="split"), False),
    ],
    ids=lambda value: value.outcome if isinstance(value, RunEnd) else "",
)
def test_an_end_in_words(outcome: Outcome, end: RunEnd, is_error: bool) -> None:
    """No message is in it, and only what somebody should look at is an error."""
    assert end_of(outcome) == end
    assert end_of(outcome).is_error is is_error


def test_a_shutdown_is_no_error() -> None:
    """A job that is given back runs again, and nobody did anything wrong."""
    assert not RunEnd(outcome="retrying", code="shutdown").is_error
    assert RunEnd(outcome="retrying", code="worker_lost").is_error
