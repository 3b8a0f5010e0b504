"""The database keeps what the code promises, whoever writes to it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from queues.ledger import Claimed, Ledger, State, Submission
from queues.ledger.audit import Action, AuditTrail

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]


@pytest.fixture
def finished(ledger: Ledger, ask: Ask, claim: Take) -> Submission:
    submission = ask()
    ledger.finish(submission.id, claim(submission).fence, State.SUCCEEDED, result="1")
    return submission


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE riskfleet.job_event SET kind = 'failed'",
        "DELETE FROM riskfleet.job_event WHERE kind = 'succeeded'",
    ],
)
def test_history_is_not_rewritten(
    ledger: Ledger, database_url: str, finished: Submission, statement: str
) -> None:
    """An event can be neither changed nor removed."""
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        connection.execute(statement.encode())

    assert [event.kind for event in ledger.events(finished.id)] == [
        "accepted",
        "running",
        "succeeded",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE riskfleet.audit_event SET actor = 'somebody'",
        "DELETE FROM riskfleet.audit_event",
        "TRUNCATE riskfleet.audit_event",
    ],
)
def test_what_was_done_stays_on_record(ledger: Ledger, database_url: str, statement: str) -> None:
    """Not even the owner of the tables changes or loses an act by mistake."""
    trail = AuditTrail(ledger.engine)
    trail.record(actor="cli:somebody@here", action=Action.DROP, tenant="on-record")
    before = trail.events(tenant="on-record")

    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        connection.execute(statement.encode())

    assert trail.events(tenant="on-record") == before != []


def test_history_leaves_with_its_job(
    ledger: Ledger, database_url: str, finished: Submission
) -> None:
    """Deleting a job deletes its events."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM riskfleet.job WHERE id = %s", [finished.id])

    assert ledger.events(finished.id) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE riskfleet.job SET state = 'lost'",
        "UPDATE riskfleet.job SET state = 'accepted'",
        "UPDATE riskfleet.job SET finished_at = NULL",
        "UPDATE riskfleet.job SET lease_until = now()",
    ],
)
@pytest.mark.usefixtures("finished")
def test_impossible_jobs_are_refused(database_url: str, statement: str) -> None:
    """Not even by hand can a job have an unknown state, an end without a time, or a stray lease."""
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(statement.encode())
