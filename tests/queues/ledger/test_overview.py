"""The ledger at a glance: what stands where, what ended lately, what runs longest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from queues.ledger import Claimed, Ledger, LedgerUnavailable, State, Submission
from queues.ledger.overview import Standing, ended_lately, overview, running

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
MINUTE = timedelta(minutes=1)


def test_jobs_stand_by_queue_and_priority(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Shards and finished jobs are left out; a lease that has ended is overdue."""
    parent, done, lost = ask(), ask(), ask()
    ledger.register([ask(queue="etl", priority="low"), ask(queue="etl", priority="low")])
    ledger.delegate(parent.id, claim(parent).fence, [ask(parent_id=parent.id)])
    ledger.finish(done.id, claim(done).fence, State.SUCCEEDED, result="{}")
    claim(lost, lease=-MINUTE)

    found = overview(ledger.engine)

    standings = {(each.queue, each.priority): each for each in found.standings}
    assert standings["cpu", "normal"] == Standing(
        queue="cpu", priority="normal", accepted=0, running=2, overdue=1, oldest_seconds=0
    )
    assert (standings["etl", "low"].accepted, standings["etl", "low"].running) == (2, 0)
    assert found.round_trip_seconds > 0


def test_minutes_tell_how_jobs_ended(
    ledger: Ledger, ask: Ask, claim: Take, database_url: str
) -> None:
    """By queue, and only those within the time asked for."""
    ends = [State.SUCCEEDED, State.SUCCEEDED, State.FAILED, State.CANCELLED, State.SUCCEEDED]
    jobs = [ask(queue="etl" if state is State.FAILED else "cpu") for state in ends]
    for job, state in zip(jobs, ends, strict=True):
        ledger.finish(job.id, claim(job).fence, state)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            """UPDATE riskfleet.job SET finished_at = now() - interval '1 hour' WHERE id = %s""",
            [jobs[-1].id],
        )

    minutes = ended_lately(ledger.engine, within=10 * MINUTE)

    cpu = [minute for minute in minutes if minute.queue == "cpu"]
    etl = [minute for minute in minutes if minute.queue == "etl"]
    assert sum(minute.succeeded for minute in cpu) == 2
    assert sum(minute.cancelled for minute in cpu) == 1
    assert [(minute.succeeded, minute.failed) for minute in etl] == [(0, 1)]
    assert all(minute.start.second == 0 for minute in minutes)


def test_the_longest_running_come_first(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """What waits and what has ended does not run; a limit keeps the longest."""
    first, second, third, done = ask(), ask(), ask(), ask()
    ledger.register([ask()])
    for job in (first, second, third):
        claim(job)
    ledger.finish(done.id, claim(done).fence, State.SUCCEEDED, result="{}")

    assert [job.id for job in running(ledger.engine, limit=2)] == [first.id, second.id]
    assert len(running(ledger.engine, limit=10)) == 3


def test_a_ledger_that_is_busy_holds_nobody_up(ledger: Ledger, database_url: str) -> None:
    """Who only looks gives up after two seconds, and calls it unavailable."""
    with psycopg.connect(database_url) as connection:
        connection.execute("LOCK TABLE riskfleet.job IN ACCESS EXCLUSIVE MODE")

        with pytest.raises(LedgerUnavailable, match="timeout"):
            overview(ledger.engine)
