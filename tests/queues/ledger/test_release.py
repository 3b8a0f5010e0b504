"""A job can be given back for another attempt, and a lease can be made longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from queues.ledger import Claimed, Ledger, State, Submission

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]


def test_the_next_attempt_is_the_second(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A job given back waits without worker and lease, and says what for."""
    submission, later = ask(), datetime(2027, 1, 31, 12, tzinfo=UTC)
    claim(submission)

    released = ledger.release(
        submission.id, worker="cpu@here", reason="unavailable", not_before=later
    )
    waiting = ledger.get(submission.id)

    assert released
    assert waiting is not None
    assert (waiting.state, waiting.reason, waiting.not_before) == (
        State.ACCEPTED,
        "unavailable",
        later,
    )
    assert (waiting.worker, waiting.lease_until) == (None, None)
    assert claim(submission) == Claimed(attempt=2, fence=2)


def test_a_planned_stop_costs_no_attempt(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """The attempt is given back; the fence is not."""
    submission = ask()
    claim(submission)

    ledger.release(submission.id, worker="cpu@here", reason="shutdown", counts=False)

    assert claim(submission) == Claimed(attempt=1, fence=2)


def test_only_the_holder_gives_back(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Another worker, or an earlier attempt of the same one, holds nothing."""
    submission = ask()
    claim(submission, lease=timedelta(seconds=-1))
    claim(submission)

    answers = [
        ledger.release(submission.id, worker="other", reason="r"),
        ledger.release(submission.id, worker="cpu@here", reason="r", fence=1),
        ledger.release(submission.id, worker="cpu@here", reason="r", fence=2),
    ]

    assert answers == [False, False, True]


def test_renewal_counts_what_is_still_held(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Jobs that ended or went to another worker are left as they are."""
    mine, ended, taken = ask(), ask(), ask()
    for submission in (mine, ended):
        claim(submission)
    claim(taken, "other")
    ledger.finish(ended.id, 1, State.SUCCEEDED)
    before = ledger.get(taken.id)

    held = ledger.renew("cpu@here", [mine.id, ended.id, taken.id], timedelta(hours=1))
    renewed = ledger.get(mine.id)

    assert held == 1
    assert before == ledger.get(taken.id)
    assert renewed is not None
    assert renewed.lease_until is not None
    assert renewed.lease_until - datetime.now(UTC) > timedelta(minutes=59)


def test_a_renewed_lease_leaves_no_other_trace(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Renewal is no event, and no sign that anything about the job changed."""
    submission = ask()
    claim(submission)
    before = ledger.get(submission.id), ledger.events(submission.id)

    ledger.renew("cpu@here", [submission.id], timedelta(hours=1))
    after = ledger.get(submission.id), ledger.events(submission.id)

    assert before[0] is not None
    assert after[0] is not None
    assert vars(before[0]) | {"lease_until": None} == vars(after[0]) | {"lease_until": None}
    assert before[1] == after[1]


def test_a_batch_is_registered_once(ledger: Ledger, ask: Ask) -> None:
    """Of a batch, the jobs that were known are not counted and not touched."""
    batch = [
        ask(
            request=f'{{"n": {n}, "text": "\\u0000"}}',
            headers={"traceparent": str(n)},
            not_before=datetime(2027, 1, 31, 12, tzinfo=UTC),
        )
        for n in range(500)
    ]

    first, again = ledger.register(batch), ledger.register([*batch, ask()])
    job = ledger.get(batch[7].id)

    assert (first, again) == (500, 1)
    assert job is not None
    assert (job.request, job.headers, job.not_before) == (
        batch[7].request,
        batch[7].headers,
        batch[7].not_before,
    )
    assert [event.kind for event in ledger.events(batch[7].id)] == ["accepted"]
