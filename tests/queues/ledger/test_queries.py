"""What people and the reconciler ask of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from queues.ledger import Claimed, Ledger, StaleJob, State, Submission, Trouble

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
MINUTE = timedelta(minutes=1)
NOW = timedelta(0)


def _stale(ledger: Ledger, older_than: timedelta = NOW) -> dict[UUID, Trouble]:
    found = ledger.stale(older_than=older_than, limit=100)
    return {stale.submission.id: stale.trouble for stale in found}


def test_an_unknown_job_is_none(ledger: Ledger) -> None:
    """Asking for what is not there is no error."""
    nobody = uuid4()

    assert (ledger.get(nobody), ledger.children(nobody), ledger.events(nobody)) == (None, [], [])


def test_jobs_are_listed_from_the_latest(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """By state, task, tenant or time of acceptance, or all of them, as many as asked for."""
    hour = datetime(2026, 1, 31, 12, tzinfo=UTC)
    details = [{}, {"tenant": "other"}, {"task": "prism.simulate_scenario"}, {}]
    a, b, c, d = (ask(submitted_at=hour + n * MINUTE, **detail) for n, detail in enumerate(details))
    ledger.register([a, b, c, d])
    claim(a)

    def listed(**wanted: object) -> list[UUID]:
        return [job.id for job in ledger.jobs(**wanted)]

    assert listed() == [d.id, c.id, b.id, a.id]
    assert listed(limit=2) == [d.id, c.id]
    assert listed(state=State.RUNNING) == [a.id]
    assert listed(tenant="other") == [b.id]
    assert listed(task="fleet.echo", tenant="acme") == [d.id, a.id]
    assert listed(since=hour + 2 * MINUTE) == [d.id, c.id]


def test_shards_are_listed_when_asked_for(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """A list of jobs is a list of what callers submitted."""
    parent = ask()
    claim(parent)
    shard = ask(parent_id=parent.id)
    ledger.delegate(parent.id, 1, [shard])

    def listed(*, parents_only: bool) -> set[UUID]:
        return {job.id for job in ledger.jobs(parents_only=parents_only)}

    assert listed(parents_only=True) == {parent.id}
    assert listed(parents_only=False) == {parent.id, shard.id}


def test_an_unclaimed_job_becomes_stale(ledger: Ledger, ask: Ask) -> None:
    """With its submission, so that it can be sent again; not before it may run at all."""
    submission = ask(request='{"n":  1}', headers={"traceparent": "00-1-2-01"})
    delayed = ask(not_before=datetime.now(UTC) + timedelta(hours=1))
    ledger.register([submission, delayed])

    [stale] = ledger.stale(older_than=NOW, limit=10)

    accepted_at = stale.submission.submitted_at
    assert stale == StaleJob(
        submission=Submission(**vars(submission) | {"submitted_at": accepted_at}),
        trouble=Trouble.UNCLAIMED,
        state=State.ACCEPTED,
        attempt=0,
        fence=0,
        worker=None,
        updated_at=stale.updated_at,
    )
    assert _stale(ledger, MINUTE) == {}


def test_a_lost_worker_makes_a_job_stale(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Once the lease has ended that long ago, and not while it lasts."""
    lost, lively = ask(), ask()
    claim(lost, lease=-2 * MINUTE)
    claim(lively)

    assert _stale(ledger) == {lost.id: Trouble.LEASE_ENDED}


def test_an_ended_job_is_not_stale(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Nobody waits for it."""
    submission = ask()
    claim(submission, lease=-2 * MINUTE)
    ledger.finish(submission.id, 1, State.FAILED)

    assert _stale(ledger) == {}


def test_what_was_sent_again_is_left_in_peace(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """The job is as fresh as its last message, and its history tells of it."""
    unclaimed, lost = ask(), ask()
    ledger.register([unclaimed])
    claim(lost, lease=timedelta(hours=-1))
    before = _stale(ledger)

    resent = ledger.resent([unclaimed.id, lost.id])

    assert before.keys() == {unclaimed.id, lost.id}
    assert resent == 2
    assert _stale(ledger, MINUTE) == {}
    assert [event.kind for event in ledger.events(unclaimed.id)] == ["accepted", "resent"]


@pytest.fixture
def shards(ledger: Ledger, ask: Ask, claim: Take) -> list[Submission]:
    """Two shards of a job."""
    parent = ask()
    claim(parent)
    shards = [ask(parent_id=parent.id) for _ in range(2)]
    ledger.delegate(parent.id, 1, shards)
    return shards


def test_silent_shards_are_their_parents_trouble(ledger: Ledger, shards: list[Submission]) -> None:
    """A shard is never stale by itself; its job is, when no shard gives a sign of life."""
    assert _stale(ledger) == {shards[0].parent_id: Trouble.SHARDS_SILENT}
    assert _stale(ledger, MINUTE) == {}


def test_one_lively_shard_speaks_for_all(
    ledger: Ledger, shards: list[Submission], claim: Take
) -> None:
    """While a shard's lease lasts, the job is not stale."""
    claim(shards[0])
    lively = _stale(ledger)
    ledger.renew("cpu@here", [shards[0].id], -MINUTE)

    assert (lively, _stale(ledger)) == ({}, {shards[0].parent_id: Trouble.SHARDS_SILENT})


def test_a_merge_that_never_came_is_noticed(
    ledger: Ledger, shards: list[Submission], claim: Take
) -> None:
    """With all shards done, the job is stale once the last of them is long done."""
    for shard in shards:
        ledger.finish(shard.id, claim(shard).fence, State.SUCCEEDED)

    assert _stale(ledger) == {shards[0].parent_id: Trouble.SHARDS_SILENT}
    assert _stale(ledger, MINUTE) == {}


def test_the_quietest_come_first(ledger: Ledger, ask: Ask) -> None:
    """A limit leaves the latest for the next time."""
    first, second = ask(), ask()
    ledger.register([first])
    ledger.register([second])

    [stale] = ledger.stale(older_than=NOW, limit=1)

    assert stale.submission.id == first.id


def test_jobs_that_wait_come_before_those_that_run(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """As they lie in their index: with a hundred thousand waiting, a batch must not sort them."""
    lost, waiting = ask(), ask()
    claim(lost, lease=-2 * MINUTE)
    ledger.register([waiting])

    found = ledger.stale(older_than=NOW, limit=2)

    assert [stale.submission.id for stale in found] == [waiting.id, lost.id]
