"""What is kept of comparisons, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from queues.ledger import Ledger, State, Submission
from queues.ledger.shadow import ShadowComparisons

Record = Callable[..., UUID]


@pytest.fixture
def record(ledger: Ledger, ask: Callable[..., Submission], claim: Callable[..., Any]) -> Record:
    """Let a job succeed, and record what came of its comparison."""

    def finished(*differences: dict[str, Any], **details: Any) -> UUID:
        submission = ask(**details)
        claimed = claim(submission)
        ledger.finish(submission.id, claimed.fence, State.SUCCEEDED, result="{}")
        ledger.record_comparison(
            submission.id,
            agrees=not differences,
            compared=7,
            differences=json.dumps(differences),
        )
        return submission.id

    return finished


def _difference(path: str, distance: float | None = 2.0, received: Any = 2) -> dict[str, Any]:
    return {"path": path, "expected": 1, "received": received, "distance": distance}


def test_a_job_has_its_comparison(ledger: Ledger, record: Record) -> None:
    """It is found by the job's id, with its differences in their order."""
    differences = (_difference("b", None), _difference("a"))
    began = datetime.now(UTC)
    job_id = record(*differences)

    found = ShadowComparisons(ledger.engine).of_job(job_id)

    assert found is not None
    assert (found.job_id, found.task, found.tenant) == (job_id, "fleet.echo", "acme")
    assert (found.agrees, found.compared, found.differences) == (False, 7, list(differences))
    assert abs(found.at - began) < timedelta(minutes=1)


def test_a_job_that_is_gone_has_none(ledger: Ledger) -> None:
    """There is nothing to refer to, and nothing breaks."""
    job_id = uuid4()

    recorded = ledger.record_comparison(job_id, agrees=True, compared=1, differences="[]")

    assert recorded is False
    assert ShadowComparisons(ledger.engine).of_job(job_id) is None


def test_a_summary_counts(ledger: Ledger, record: Record) -> None:
    """Jobs, those that agree, from when to when and how long they ran; of one tenant or since."""
    for _ in range(3):
        record()
    record(_difference("a"), tenant="zoo")
    record(task="other.task")
    comparisons = ShadowComparisons(ledger.engine)

    whole = comparisons.summary("fleet.echo")

    assert (whole.compared, whole.agreed) == (4, 3)
    assert whole.oldest is not None
    assert whole.newest is not None
    assert whole.oldest < whole.newest
    assert 0 < (whole.run_p50_seconds or 0) <= (whole.run_p95_seconds or 0) < 60
    of_acme = comparisons.summary("fleet.echo", tenant="acme")
    assert (of_acme.compared, of_acme.agreed, of_acme.places) == (3, 3, ())
    late = comparisons.summary("fleet.echo", since=whole.newest)
    assert (late.compared, late.agreed) == (1, 0)
    later = comparisons.summary("fleet.echo", since=whole.newest + timedelta(seconds=1))
    assert (later.compared, later.oldest, later.run_p50_seconds, later.places) == (
        0,
        None,
        None,
        (),
    )


def test_a_job_that_fails_with_an_answer_counts(
    ledger: Ledger, ask: Callable[..., Submission], claim: Callable[..., Any]
) -> None:
    """Its caller had one; jobs without an answer, and cancelled ones, say nothing."""
    for state, expected in (
        (State.FAILED, "{}"),
        (State.FAILED, None),
        (State.CANCELLED, "{}"),
    ):
        submission = ask(expected=expected)
        ledger.finish(submission.id, claim(submission).fence, state, error="{}")
    comparisons = ShadowComparisons(ledger.engine)

    assert comparisons.summary("fleet.echo").failed == 1
    assert comparisons.summary("fleet.echo", tenant="acme").failed == 1
    assert comparisons.summary("fleet.echo", tenant="zoo").failed == 0
    assert comparisons.summary("fleet.echo", since=datetime.now(UTC)).failed == 0


def test_places_are_where_most_jobs_disagree(ledger: Ledger, record: Record) -> None:
    """Positions in a list are one place, shown by the job that is farthest off there."""
    record(_difference("p.0.value", 3), _difference("p.1.value", 9, received=5))
    farthest = record(_difference("p.7.value", 40, received=6), _difference("name", None, "x"))
    record(_difference("0.1.x2", 5))

    places = ShadowComparisons(ledger.engine).summary("fleet.echo").places

    assert [(place.path, place.jobs, place.distance) for place in places] == [
        ("p.*.value", 2, 40),
        ("*.*.x2", 1, 5),
        ("name", 1, None),
    ]
    assert (places[0].job_id, places[0].expected, places[0].received) == (farthest, 1, 6)
    assert places[2].received == "x"
