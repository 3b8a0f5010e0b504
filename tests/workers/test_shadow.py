"""A caller's own answer is compared with the result, and changes nothing about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from structlog.testing import capture_logs

from queues.ledger.shadow import ComparedJob, ShadowComparisons
from tasks.catalogue import by_name
from workers.delivery import Delivery
from workers.job_run import JobRun, Outcome, Succeeded
from workers.resources import Resources

PAST = datetime(2020, 1, 1, tzinfo=UTC)

Run = Callable[..., tuple[UUID, Outcome]]


@pytest.fixture
def run(resources: Resources) -> Run:
    """Run an echo in this process, with what its caller expects."""

    def run(message: str = "hello", **details: Any) -> tuple[UUID, Outcome]:
        job = Delivery(
            id=str(uuid4()),
            task="fleet.echo",
            request={"message": message},
            queue="cpu",
            headers={},
            **details,
        )
        outcome = JobRun(
            job=job,
            declaration=by_name()["fleet.echo"],
            resources=resources,
            worker="cpu@here",
            lease=timedelta(minutes=1),
        ).run()
        return UUID(job.id), outcome

    return run


def _compared(resources: Resources, job_id: UUID) -> ComparedJob | None:
    return ShadowComparisons(resources.ledger.engine).of_job(job_id)


def test_an_answer_that_agrees_is_recorded(run: Run, resources: Resources) -> None:
    """With how many values were looked at; the ledger keeps the answer beside the request."""
    job_id, _ = run(expected={"message": "hello", "allocatedBytes": 0})

    found = _compared(resources, job_id)

    assert found is not None
    assert (found.task, found.tenant) == ("fleet.echo", "default")
    assert (found.agrees, found.compared, found.differences) == (True, 2, [])
    row = resources.ledger.get(job_id)
    assert row is not None
    assert json.loads(row.expected or "") == {"message": "hello", "allocatedBytes": 0}


@pytest.mark.parametrize(
    "expected",
    [{"message": "bye"}, {"mesage": "hello"}, {"message": {"a\0": "\ud800"}, "\0": "\0"}],
)
def test_an_answer_that_differs_changes_nothing(
    run: Run, resources: Resources, expected: dict[str, Any]
) -> None:
    """The outcome is the one of a job without an answer; the difference is kept and can be read."""
    _, plain = run()

    job_id, outcome = run(expected=expected)

    assert outcome == plain
    found = _compared(resources, job_id)
    assert found is not None
    assert not found.agrees
    summary = ShadowComparisons(resources.ledger.engine).summary("fleet.echo")
    assert summary.compared == 1
    assert len(summary.places) == len(found.differences) == len(expected)


@pytest.mark.parametrize("expected", [None, {}])
def test_nothing_is_compared_with_nothing(
    run: Run, resources: Resources, expected: dict[str, Any] | None
) -> None:
    """An answer that says nothing does not count as one that agrees."""
    job_id, outcome = run(expected=expected)

    assert isinstance(outcome, Succeeded)
    assert _compared(resources, job_id) is None


def test_a_job_that_fails_is_not_compared(run: Run, resources: Resources) -> None:
    """There is nothing to compare."""
    job_id, _ = run(expected={"message": "hello"}, deadline=PAST)

    assert _compared(resources, job_id) is None


def test_a_comparison_may_be_lost_and_a_job_may_not(
    run: Run, resources: Resources, shared_database: str
) -> None:
    """What cannot be recorded is said in the log; the job has succeeded."""
    with psycopg.connect(shared_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE riskfleet.shadow_comparison RENAME TO away")
        try:
            with capture_logs() as logs:
                job_id, outcome = run(expected={"message": "hello"})
        finally:
            connection.execute("ALTER TABLE riskfleet.away RENAME TO shadow_comparison")

    assert isinstance(outcome, Succeeded)
    assert [line["event"] for line in logs] == ["comparison_lost"]
    row = resources.ledger.get(job_id)
    assert row is not None
    assert row.state == "succeeded"
    assert _compared(resources, job_id) is None
