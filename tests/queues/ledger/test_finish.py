"""Only the attempt that holds the fence ends a job, and it ends it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from queues.ledger import Claimed, Finished, Ledger, State, Submission, UnknownJob

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
ENDED = timedelta(seconds=-1)


def test_the_outcome_is_kept_to_the_letter(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Result and error come back as the texts that were written."""
    submission = ask()
    fence = claim(submission).fence

    written = ledger.finish(submission.id, fence, State.SUCCEEDED, result='{"a":  1.10}')
    job = ledger.get(submission.id)

    assert job is not None
    assert (written, job.state, job.result, job.error) == (
        True,
        State.SUCCEEDED,
        '{"a":  1.10}',
        None,
    )
    assert (job.worker, job.lease_until) == ("cpu@here", None)
    assert job.finished_at == job.updated_at


def test_an_overtaken_attempt_writes_nothing(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A worker that was frozen past its lease finds the job in other hands."""
    submission = ask()
    frozen = claim(submission, "frozen", ENDED)
    current = claim(submission, "current")

    assert not ledger.finish(submission.id, frozen.fence, State.SUCCEEDED, result="1")
    assert ledger.finish(submission.id, current.fence, State.SUCCEEDED, result="2")
    assert not ledger.finish(submission.id, frozen.fence, State.SUCCEEDED, result="1")

    job = ledger.get(submission.id)
    assert job is not None
    assert job.result == "2"


def test_an_ended_lease_alone_costs_nothing(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Late is not lost: until somebody takes the job over, its outcome counts."""
    submission = ask()
    fence = claim(submission, lease=ENDED).fence

    assert ledger.finish(submission.id, fence, State.SUCCEEDED, result="1")


def test_saying_it_twice_is_saying_it_once(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Who lost the answer on the way may finish again, and hears that the outcome stands."""
    submission = ask()
    fence = claim(submission).fence
    first = ledger.finish(submission.id, fence, State.FAILED, reason="internal", error="1")

    again = ledger.finish(submission.id, fence, State.FAILED, reason="internal", error="1")
    otherwise = ledger.finish(submission.id, fence, State.SUCCEEDED, result="1")

    assert (first, again, otherwise) == (True, True, False)
    assert [event.kind for event in ledger.events(submission.id)].count("failed") == 1


def test_a_job_nobody_knows_cannot_end(ledger: Ledger) -> None:
    """That is a mistake of the caller, not a lost fence."""
    with pytest.raises(UnknownJob):
        ledger.finish(uuid4(), 1, State.SUCCEEDED)


def test_the_history_names_the_reason(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """The last event says how it ended and why."""
    submission = ask()
    ledger.finish(submission.id, claim(submission).fence, State.FAILED, reason="out_of_memory")

    last = ledger.events(submission.id)[-1]

    assert (last.kind, last.attempt, last.detail) == ("failed", 1, {"reason": "out_of_memory"})


def test_the_holder_settles_for_its_child(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A worker ends the job of a process it killed; another worker cannot."""
    submission = ask()
    claim(submission, "mine")

    def settle(worker: str) -> bool:
        return ledger.settle(
            submission.id, worker=worker, state=State.FAILED, reason="time_limit", error="1"
        )

    assert (settle("other"), settle("mine"), settle("mine")) == (False, True, False)

    job = ledger.get(submission.id)
    assert job is not None
    assert (job.state, job.reason, job.error) == (State.FAILED, "time_limit", "1")


def test_a_waiting_job_is_cancelled_at_once(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A running one goes on, and its state says so; of an unknown one there is nothing to say."""
    waiting, running = ask(), ask()
    ledger.register([waiting])
    claim(running)

    states = [ledger.cancel(job, "cancelled") for job in (waiting.id, running.id, uuid4())]

    assert states == [State.CANCELLED, State.RUNNING, None]


def test_a_cancelled_job_tells_its_error(ledger: Ledger, ask: Ask) -> None:
    """A message that comes after the cancellation finds the outcome to report."""
    submission = ask()
    ledger.register([submission])
    ledger.cancel(submission.id, "cancelled", error='{"code": "cancelled"}')

    answer = ledger.claim(submission, worker="a", lease=timedelta(minutes=1), versions="")

    assert answer == Finished(State.CANCELLED, "cancelled", None, '{"code": "cancelled"}')
