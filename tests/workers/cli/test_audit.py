"""Whatever the `fleet` command changes is recorded, with who ran it."""

from __future__ import annotations

import json
import os
import pwd
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from typer.testing import CliRunner

from queues.ledger import LedgerUnavailable
from tests.conftest import new_database
from workers.cli import app
from workers.cli.failure import CommandFailed
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

Command = Callable[..., str]

_ME = f"cli:{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"


@pytest.fixture(scope="module")
def services(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A Redis and a ledger without workers: what is sent stays."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as redis:
        yield {"REDIS_URL": redis.url, "DATABASE_URL": new_database(postgres)}


@pytest.fixture
def command(services: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command on them, in this process; gives what it prints, or raises as it does."""
    monkeypatch.chdir(tmp_path)
    for name, value in services.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, stdin: str = "") -> str:
        return CliRunner().invoke(app, arguments, input=stdin, catch_exceptions=False).stdout

    return run


def _audited(command: Command, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(command("audit", *arguments, "--json"))
    return found


def test_submitted_and_cancelled(command: Command) -> None:
    """The trail says who sent a job and who asked that it end."""
    job_id = str(uuid4())
    request = '{"message": "hello"}'
    sent = ("submit", "fleet.echo", "-", "--id", job_id, "--tenant", "acme")
    command(*sent, stdin=request)
    command("cancel", job_id, "--reason", "wrong year")

    seen = _audited(command, "--job", job_id)

    acts = [(each["actor"], each["action"], each["jobId"], each["detail"]) for each in seen]
    assert acts == [
        (_ME, "cancel", job_id, {"reason": "wrong year"}),
        (_ME, "submit", job_id, {"task": "fleet.echo"}),
    ]
    assert _audited(command, "--tenant", "acme", "--action", "submit") == seen[1:]


def test_what_was_refused_is_not_recorded(command: Command) -> None:
    """A submission that conflicts with another is no act."""
    job_id = str(uuid4())
    sent = ("submit", "fleet.echo", "-", "--id", job_id)
    command(*sent, stdin='{"message": "hello"}')

    with pytest.raises(CommandFailed):
        command(*sent, stdin='{"message": "another"}')

    assert len(_audited(command, "--job", job_id)) == 1


def test_dead_letters(command: Command, services: dict[str, str]) -> None:
    """Who replayed and who dropped a letter is known, of each letter that was there."""
    redis = Redis.from_url(services["REDIS_URL"], decode_responses=True)
    first, second = (
        str(
            redis.xadd(
                "riskfleet:dead-letters",
                {
                    "reason": "not_json",
                    "detail": "",
                    "queue": "cpu",
                    "at": "2026-01-31T12:00:00+00:00",
                    "size": 1,
                    "raw": "x",
                },
            )
        )
        for _ in range(2)
    )
    command("dead-letters", "replay", first)
    with pytest.raises(CommandFailed):
        command("dead-letters", "drop", second, first)

    replayed = _audited(command, "--action", "replay")
    dropped = _audited(command, "--action", "drop")

    assert [(each["actor"], each["detail"]) for each in replayed] == [(_ME, {"letter": first})]
    assert [(each["actor"], each["detail"]) for each in dropped] == [(_ME, {"letter": second})]


def test_nothing_is_done_that_cannot_be_recorded(
    command: Command, services: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Postgres a job is not sent: who sent it would not be known."""
    redis = Redis.from_url(services["REDIS_URL"])
    before = redis.dbsize()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(LedgerUnavailable):
        command("submit", "fleet.echo", "-", stdin='{"message": "hello"}')

    assert redis.dbsize() == before


def test_an_id_is_never_cut_in_two(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of eighty columns a job's id stands whole on a line: it is to be copied."""
    job_id = str(uuid4())
    command("submit", "fleet.echo", "-", "--id", job_id, stdin='{"message": "hello"}')
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")

    _, first, *others = command("audit", "--job", job_id).splitlines()

    assert first.split()[1:] == ["submit", "default", _ME]
    assert [line.strip() for line in others] == [job_id, "task fleet.echo"]
