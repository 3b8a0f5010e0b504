"""A connection may be lost, inherited or closed; the ledger goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import psycopg
import pytest
from sqlalchemy import make_url

from queues.ledger import (
    Claimed,
    Ledger,
    LedgerRefused,
    LedgerUnavailable,
    State,
    Submission,
    migrate,
)
from workers.embedded.postgres import EmbeddedPostgres

Ask = Callable[..., Submission]
Take = Callable[..., Claimed]


def _end_connections(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        ended = connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'riskfleet' AND datname = current_database()"""
        )
        return ended.rowcount


def _count_connections(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        return connection.execute(
            """SELECT FROM pg_stat_activity
            WHERE application_name = 'riskfleet' AND datname = current_database()"""
        ).rowcount


def test_a_lost_connection_is_told_once(
    ledger: Ledger, database_url: str, ask: Ask, claim: Take
) -> None:
    """The call that meets it says so; the next one connects again."""
    submission = ask()
    claim(submission)
    ended = _end_connections(database_url)

    with pytest.raises(LedgerUnavailable):
        ledger.finish(submission.id, 1, State.SUCCEEDED)

    assert ended == 1
    assert ledger.finish(submission.id, 1, State.SUCCEEDED)


def test_a_server_that_is_away_is_waited_for(tmp_path: Path, ask: Ask) -> None:
    """Every call says that it cannot be reached, writing or reading, until it is back."""
    submission = ask()
    with EmbeddedPostgres(tmp_path) as server:
        migrate.upgrade(server.url)
        ledger = Ledger(server.url)
        ledger.claim(submission, worker="a", lease=timedelta(minutes=1), versions="")
        server.kill()

        for _ in range(2):
            with pytest.raises(LedgerUnavailable):
                ledger.finish(submission.id, 1, State.SUCCEEDED)
            with pytest.raises(LedgerUnavailable):
                ledger.get(submission.id)

        server.start()
        assert ledger.finish(submission.id, 1, State.SUCCEEDED)
        ledger.close()


def test_a_mistake_is_not_a_reason_to_wait(ledger: Ledger, ask: Ask) -> None:
    """What Postgres refuses comes through as it is, and the connection stays good."""
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        ledger.register([ask(request="no JSON")])

    assert ledger.register([ask()]) == 1


def test_each_thread_has_its_own(ledger: Ledger, database_url: str, ask: Ask) -> None:
    """Three threads use three connections, and closing the ledger closes them all."""
    all_connected, counted = Barrier(4), Event()

    def register() -> None:
        ledger.register([ask()])
        all_connected.wait()
        counted.wait()

    threads = [Thread(target=register) for _ in range(3)]
    for thread in threads:
        thread.start()
    all_connected.wait()
    used = _count_connections(database_url)
    ledger.close()
    while _count_connections(database_url):  # the server notices in its own time
        pass
    counted.set()
    for thread in threads:
        thread.join()

    assert used == 3
    assert ledger.register([ask()]) == 1


def test_a_fork_leaves_the_parents_connection_alone(ledger: Ledger, ask: Ask, claim: Take) -> None:
    """Parent and child each get their own answers, before, during and after."""
    submissions = [ask() for _ in range(3)]
    claim(submissions[0])

    child = os.fork()
    if child == 0:
        answer = ledger.claim(
            submissions[1], worker="child", lease=timedelta(minutes=1), versions=""
        )
        os._exit(0 if answer == Claimed(1, 1) else 1)
    _, status = os.waitpid(child, 0)
    claim(submissions[2])

    assert os.waitstatus_to_exitcode(status) == 0
    assert [job.worker for job in ledger.jobs()] == ["cpu@here", "child", "cpu@here"]


def test_missing_tables_are_named(new_database: Callable[[], str]) -> None:
    """A database that nobody migrated is no bug of ours: which table it lacks is said."""
    ledger = Ledger(new_database())

    with pytest.raises(LedgerRefused, match=r'^relation "riskfleet.job" does not exist$'):
        ledger.jobs(limit=1)
    ledger.close()


def test_missing_rights_are_named(new_database: Callable[[], str]) -> None:
    """So are the rights that a login lacks."""
    url = make_url(new_database())
    migrate.upgrade(url.render_as_string(hide_password=False))
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("CREATE ROLE nobody_at_all LOGIN PASSWORD 'not a secret'")
        connection.execute("GRANT USAGE ON SCHEMA riskfleet TO nobody_at_all")
    stranger = url.set(username="nobody_at_all", password="not a secret")
    ledger = Ledger(stranger.render_as_string(hide_password=False))

    with pytest.raises(LedgerRefused, match=r"^permission denied for table job$"):
        ledger.jobs(limit=1)
    ledger.close()
