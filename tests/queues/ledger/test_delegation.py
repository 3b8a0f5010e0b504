"""A job that was cut into shards stays one job: it is merged once, or starts again whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from queues.ledger import Claimed, Finished, Held, Ledger, State, Submission

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
LEASE = timedelta(minutes=1)


@pytest.fixture
def parent(ledger: Ledger, ask: Ask, claim: Take) -> Submission:
    """A job that runs as three shards, under fence 1."""
    submission = ask()
    claim(submission)
    assert ledger.delegate(
        submission.id, 1, [ask(parent_id=submission.id, request=str(n)) for n in range(3)]
    )
    return submission


def _states(ledger: Ledger, parent: Submission) -> list[State]:
    shards = ledger.children(parent.id)
    return [shard.state for shard in sorted(shards, key=lambda shard: shard.request)]


def test_the_shards_wait_and_the_job_belongs_to_nobody(
    ledger: Ledger, parent: Submission, claim: Take
) -> None:
    """The job goes on without worker and lease; its message, come again, finds it held."""
    held = ledger.claim(parent, worker="b", lease=LEASE, versions="")

    assert held == Held(worker=None, lease_until=None)
    assert _states(ledger, parent) == [State.ACCEPTED] * 3
    assert ledger.events(parent.id)[-1].detail == {"shards": 3}


def test_an_overtaken_attempt_has_nothing_to_share(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Without the fence no shard is recorded."""
    submission = ask()
    claim(submission, lease=-LEASE)
    claim(submission)

    assert not ledger.delegate(submission.id, 1, [ask(parent_id=submission.id)])
    assert ledger.children(submission.id) == []


def test_delegating_twice_makes_no_more_shards(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Who lost the answer on the way may delegate again."""
    submission = ask()
    claim(submission)
    shards = [ask(parent_id=submission.id)]

    answers = [ledger.delegate(submission.id, 1, shards) for _ in range(2)]

    assert answers == [True, True]
    assert len(ledger.children(submission.id)) == 1


def test_one_merge_takes_it_up(ledger: Ledger, parent: Submission) -> None:
    """The attempt is the same, the fence is new; a second merge gets nothing."""
    first = ledger.take_up(parent.id, 1, worker="m", lease=LEASE)
    second = ledger.take_up(parent.id, 1, worker="n", lease=LEASE)

    assert (first, second) == (Claimed(attempt=1, fence=2), None)
    assert not ledger.finish(parent.id, 1, State.SUCCEEDED)
    assert ledger.finish(parent.id, 2, State.SUCCEEDED)


def test_its_end_is_the_end_of_its_shards(ledger: Ledger, parent: Submission, claim: Take) -> None:
    """Shards that ended keep their outcome; the others are cancelled, and their runs in vain."""
    done, running, _ = ledger.children(parent.id)
    for shard in (done, running):
        claim(_again(shard))
    ledger.finish(done.id, 1, State.SUCCEEDED, result="1")

    ledger.finish(parent.id, 1, State.FAILED, reason="cancelled")

    assert sorted(shard.state for shard in ledger.children(parent.id)) == [
        State.CANCELLED,
        State.CANCELLED,
        State.SUCCEEDED,
    ]
    assert not ledger.finish(running.id, 1, State.SUCCEEDED)
    assert ledger.claim(_again(running), worker="b", lease=LEASE, versions="") == Finished(
        State.CANCELLED, "superseded", None, None
    )


def test_a_restart_begins_anew(ledger: Ledger, parent: Submission, claim: Take) -> None:
    """The job waits for another attempt; what its shards still do is in vain."""
    running = ledger.children(parent.id)[0]
    claim(_again(running))

    restarted = ledger.restart(parent.id, 1)

    assert restarted
    assert _states(ledger, parent) == [State.CANCELLED] * 3
    assert not ledger.finish(running.id, 1, State.SUCCEEDED)
    assert ledger.take_up(parent.id, 1, worker="m", lease=LEASE) is None
    assert claim(parent) == Claimed(attempt=2, fence=2)


def test_a_merge_is_not_restarted(ledger: Ledger, parent: Submission) -> None:
    """Once taken up, the job has a worker again and needs no help."""
    ledger.take_up(parent.id, 1, worker="m", lease=LEASE)

    assert not ledger.restart(parent.id, 1)
    assert not ledger.restart(parent.id, 2)


def _again(shard: Submission) -> Submission:
    """Give the submission of a recorded shard."""
    return Submission(**{name: getattr(shard, name) for name in _ASKED})


_ASKED = (
    *("id", "parent_id", "task", "tenant", "queue", "priority"),
    *("request", "request_hash", "headers"),
)
