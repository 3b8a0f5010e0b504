"""The roll-up of a window says how each task fared in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from queues.ledger import Claimed, Ledger, State, Submission, TaskStatistics, queries, statistics
from queues.ledger.connection import transaction

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]
HOUR = datetime(2026, 1, 31, 12, tzinfo=UTC)
NEXT = HOUR + timedelta(hours=1)


def _read(ledger: Ledger, task: str | None = None) -> list[TaskStatistics]:
    with transaction(ledger.engine) as connection:
        return queries.statistics(connection, since=HOUR, task=task)


@pytest.fixture
def ran(ledger: Ledger, database_url: str, ask: Ask, claim: Take) -> Iterator[Callable[..., None]]:
    """Give a function that records a job with these times, in seconds after the hour."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def record(
            accepted: float,
            started: float,
            finished: float,
            *,
            state: State = State.SUCCEEDED,
            delayed: float | None = None,
            **details: object,
        ) -> None:
            submission = ask(**details)
            ledger.finish(submission.id, claim(submission).fence, state)
            times = [
                None if seconds is None else HOUR + timedelta(seconds=seconds)
                for seconds in (accepted, started, started, finished, delayed)
            ]
            connection.execute(
                """UPDATE riskfleet.job SET accepted_at = %s, started_at = %s, claimed_at = %s,
                    finished_at = %s, not_before = %s WHERE id = %s""",
                [*times, submission.id],
            )

        yield record


def test_a_window_is_rolled_up_by_task(ledger: Ledger, ran: Callable[..., None]) -> None:
    """Counts by end, attempts, and the median and 95th percentile of waiting and running."""
    for n in range(1, 5):
        ran(0, n, 11 * n)
    ran(0, 5, 55, state=State.FAILED)
    ran(0, 1, 2, task="other", state=State.CANCELLED)

    tasks = statistics.record(ledger.engine, HOUR, NEXT)
    echo, other = _read(ledger)

    assert tasks == 2
    assert echo == TaskStatistics(
        task="fleet.echo",
        window_start=HOUR,
        window_end=NEXT,
        succeeded=4,
        failed=1,
        cancelled=0,
        attempts=5,
        wait_p50_seconds=3,
        wait_p95_seconds=pytest.approx(4.8),
        run_p50_seconds=30,
        run_p95_seconds=pytest.approx(48),
    )
    assert (other.task, other.cancelled) == ("other", 1)


def test_only_what_ended_within_counts(ledger: Ledger, ran: Callable[..., None]) -> None:
    """The window's start belongs to it, its end to the next."""
    for finished in (-0.001, 0, 3599.999, 3600):
        ran(-10, -5, finished)

    statistics.record(ledger.engine, HOUR, NEXT)

    assert [rolled_up.succeeded for rolled_up in _read(ledger, "fleet.echo")] == [2]


def test_a_delay_that_was_asked_for_is_no_wait(ledger: Ledger, ran: Callable[..., None]) -> None:
    """A job waits from when it may run; a delay between attempts changes nothing about that."""
    ran(0, 12, 20, delayed=10)
    ran(0, 2, 20, delayed=10)

    statistics.record(ledger.engine, HOUR, NEXT)

    assert [rolled_up.wait_p50_seconds for rolled_up in _read(ledger)] == [2]


def test_recording_again_replaces(ledger: Ledger, ran: Callable[..., None]) -> None:
    """The numbers of a window are those of the last time it was recorded."""
    ran(0, 1, 2)
    statistics.record(ledger.engine, HOUR, NEXT)
    ran(0, 1, 2)

    statistics.record(ledger.engine, HOUR, NEXT)

    assert [rolled_up.succeeded for rolled_up in _read(ledger)] == [2]


def test_a_job_that_never_ran_has_no_times(ledger: Ledger, ask: Ask) -> None:
    """A window of jobs cancelled while they waited has counts, and no percentiles."""
    submission = ask()
    ledger.register([submission])
    ledger.cancel(submission.id, "cancelled")
    now = datetime.now(UTC)

    statistics.record(ledger.engine, now - timedelta(hours=1), now + timedelta(hours=1))

    [rolled_up] = _read(ledger)
    assert (rolled_up.cancelled, rolled_up.attempts, rolled_up.run_p50_seconds) == (1, 0, None)
