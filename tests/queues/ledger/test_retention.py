"""Ended jobs are kept for as long as the policy says, and unended ones for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from queues.ledger import Claimed, Ledger, State, Submission, retention
from queues.ledger.retention import Retention

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
DAY = timedelta(days=1)
POLICY = Retention(succeeded=10 * DAY, failed=20 * DAY, cancelled=5 * DAY)


def _end(ledger: Ledger, claim: Take, submission: Submission, state: State) -> None:
    ledger.finish(submission.id, claim(submission).fence, state)


def test_each_end_has_its_own_time(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A day after the shortest time, only those are gone that it is for; and so on."""
    jobs = {state: ask() for state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)}
    for state, submission in jobs.items():
        _end(ledger, claim, submission, state)
    now = datetime.now(UTC)

    deleted = [retention.apply(ledger.engine, POLICY, now + age * DAY) for age in (4, 6, 11, 21)]

    assert [[state for state, count in counts.items() if count] for counts in deleted] == [
        [],
        [State.CANCELLED],
        [State.SUCCEEDED],
        [State.FAILED],
    ]
    assert ledger.jobs() == []


def test_what_has_not_ended_stays(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """However old it is."""
    waiting, running = ask(), ask()
    ledger.register([waiting])
    claim(running)

    retention.apply(ledger.engine, POLICY, datetime.now(UTC) + 1000 * DAY)

    assert {job.id for job in ledger.jobs()} == {waiting.id, running.id}


def test_shards_leave_with_their_job(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A failed shard of a job that succeeded is kept as long as the job, and counted with it."""
    parent = ask()
    claim(parent)
    shard = ask(parent_id=parent.id)
    ledger.delegate(parent.id, 1, [shard])
    _end(ledger, claim, shard, State.FAILED)
    ledger.finish(parent.id, 1, State.SUCCEEDED)
    now = datetime.now(UTC)

    early = retention.apply(ledger.engine, POLICY, now + 9 * DAY)
    kept = ledger.children(parent.id)
    late = retention.apply(ledger.engine, POLICY, now + 11 * DAY)

    assert (sum(early.values()), len(kept), sum(late.values())) == (0, 1, 1)
    assert ledger.jobs(parents_only=False) == []
    assert ledger.events(shard.id) == []


def test_many_leave_in_batches(
    ledger: Ledger, ask: Ask, claim: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than fit into one transaction are all deleted and counted."""
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    for _ in range(5):
        _end(ledger, claim, ask(), State.SUCCEEDED)

    deleted = retention.apply(ledger.engine, POLICY, datetime.now(UTC) + 11 * DAY)

    assert deleted == {State.SUCCEEDED: 5, State.FAILED: 0, State.CANCELLED: 0}
