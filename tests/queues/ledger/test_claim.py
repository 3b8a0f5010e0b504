"""Of all who claim a job, one gets it, and everyone else learns why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from queues.ledger import (
    Claim,
    Claimed,
    Conflict,
    Finished,
    Happening,
    Held,
    Ledger,
    State,
    Submission,
    UnknownJob,
    statements,
)
from tests.fleet import eventually

Ask = Callable[..., Submission]
LEASE = timedelta(minutes=1)
ENDED = timedelta(seconds=-1)
_WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"


def _claim(
    ledger: Ledger, submission: Submission, worker: str = "b", lease: timedelta = LEASE
) -> Claim:
    return ledger.claim(submission, worker=worker, lease=lease, versions="riskfleet 1")


def test_an_unseen_job_is_recorded_as_it_came(ledger: Ledger, ask: Ask) -> None:
    """Nothing of a submission is lost or reformatted, escapes and spaces included."""
    deadline = datetime(2027, 1, 31, 12, tzinfo=UTC)
    submission = ask(
        request='{"text" :  "\\u0000 é"}', headers={"traceparent": "00-1-2-01"}, deadline=deadline
    )

    claimed = _claim(ledger, submission)
    job = ledger.get(submission.id)

    assert claimed == Claimed(attempt=1, fence=1)
    assert job is not None
    assert {name: getattr(job, name) for name in vars(submission) if name != "submitted_at"} == {
        name: value for name, value in vars(submission).items() if name != "submitted_at"
    }
    assert (job.state, job.worker, job.versions) == (State.RUNNING, "b", "riskfleet 1")


def test_its_history_begins_with_both_steps(ledger: Ledger, ask: Ask) -> None:
    """A job that the ledger first sees when it is claimed was accepted all the same."""
    submission = ask()

    _claim(ledger, submission)

    assert [
        (event.kind, event.attempt, event.detail) for event in ledger.events(submission.id)
    ] == [
        ("accepted", 0, None),
        ("running", 1, {"worker": "b"}),
    ]


def test_a_registered_job_is_accepted_once(ledger: Ledger, ask: Ask) -> None:
    """Claiming what was registered adds no second acceptance."""
    submission = ask()
    ledger.register([submission])

    claimed = _claim(ledger, submission)

    assert claimed == Claimed(attempt=1, fence=1)
    assert [event.kind for event in ledger.events(submission.id)] == ["accepted", "running"]


def test_a_job_that_is_registered_meanwhile_is_accepted_once(
    ledger: Ledger, database_url: str, ask: Ask
) -> None:
    """A claim that waits for somebody who registers the job adds its own step and no other."""
    submission = ask()
    document = vars(submission) | {"id": str(submission.id)}

    with (
        psycopg.connect(database_url) as registering,
        psycopg.connect(database_url, autocommit=True) as looking,
        ThreadPoolExecutor() as threads,
    ):
        registering.execute(statements.REGISTER, {"submissions": json.dumps([document])})
        claim = threads.submit(_claim, ledger, submission)
        eventually(lambda: looking.execute(_WAITS).fetchone() or claim.done())
        registering.commit()
        claimed = claim.result()

    assert claimed == Claimed(attempt=1, fence=1)
    assert [event.kind for event in ledger.events(submission.id)] == [
        Happening.ACCEPTED,
        Happening.RUNNING,
    ]


def test_the_moment_of_sending_is_kept(ledger: Ledger, ask: Ask) -> None:
    """Waiting is counted from when the caller sent the job, if that is known."""
    submission = ask(submitted_at=datetime(2026, 1, 31, 12, tzinfo=UTC))

    _claim(ledger, submission)
    job = ledger.get(submission.id)

    assert job is not None
    assert submission.submitted_at == job.accepted_at


def test_a_callers_fast_clock_is_not_believed(ledger: Ledger, ask: Ask) -> None:
    """A job cannot have been sent after it was started."""
    submission = ask(submitted_at=datetime.now(UTC) + timedelta(days=1))

    _claim(ledger, submission)
    job = ledger.get(submission.id)

    assert job is not None
    assert job.accepted_at == job.started_at


def test_a_running_job_is_held(ledger: Ledger, ask: Ask) -> None:
    """While the lease lasts, the second comer is told who has the job and until when."""
    submission = ask()
    _claim(ledger, submission, "a")

    held = _claim(ledger, submission, "b")
    job = ledger.get(submission.id)

    assert job is not None
    assert held == Held(worker="a", lease_until=job.lease_until)


def test_a_lease_that_ended_is_taken_over(ledger: Ledger, ask: Ask) -> None:
    """The next claim is a new attempt with a new fence, and the history names who lost it."""
    submission = ask()
    _claim(ledger, submission, "a", ENDED)

    claimed = _claim(ledger, submission, "b")
    last = ledger.events(submission.id)[-1]

    assert claimed == Claimed(attempt=2, fence=2)
    assert (last.kind, last.attempt, last.detail) == (
        "running",
        2,
        {"worker": "b", "takenFrom": "a"},
    )


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_an_ended_job_tells_its_end(ledger: Ledger, ask: Ask, state: State) -> None:
    """Whoever comes late gets the outcome, to the letter."""
    submission = ask()
    _claim(ledger, submission)
    ledger.finish(submission.id, 1, state, reason="r", result="[1,  2]", error='{"code": "e"}')

    assert _claim(ledger, submission) == Finished(state, "r", "[1,  2]", '{"code": "e"}')


@pytest.mark.parametrize("lease", [LEASE, ENDED])
def test_another_request_under_the_id_is_a_conflict(
    ledger: Ledger, ask: Ask, lease: timedelta
) -> None:
    """An id belongs to the first request that came with it, whatever became of the job."""
    first = ask()
    _claim(ledger, first, lease=lease)

    assert _claim(ledger, ask(id=first.id, request_hash="other")) == Conflict()


def test_twenty_claimers_make_one_attempt(ledger: Ledger, ask: Ask) -> None:
    """At once for a job nobody knows, each on a connection of its own, one of twenty gets it."""
    submission, start = ask(), Barrier(20)

    def race(worker: int) -> Claim:
        start.wait()
        return _claim(ledger, submission, f"worker-{worker}")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(race, range(20)))

    assert [answer for answer in answers if not isinstance(answer, Held)] == [Claimed(1, 1)]
    assert [event.kind for event in ledger.events(submission.id)] == ["accepted", "running"]


def test_twenty_takeovers_make_one_attempt(ledger: Ledger, ask: Ask) -> None:
    """The same when the lease of a running job has ended."""
    submission, start = ask(), Barrier(20)
    _claim(ledger, submission, "lost", ENDED)

    def race(worker: int) -> Claim:
        start.wait()
        return _claim(ledger, submission, f"worker-{worker}")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(race, range(20)))

    assert [answer for answer in answers if not isinstance(answer, Held)] == [Claimed(2, 2)]


def test_a_shard_without_its_parent_is_unknown(ledger: Ledger, ask: Ask) -> None:
    """A shard's message that outlived its job does not bring it back."""
    with pytest.raises(UnknownJob, match="parent"):
        _claim(ledger, ask(parent_id=uuid4()))
