"""`fleet top` shows the fleet as Redis and the ledger have it, and goes on when one is away."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import signal
import struct
import subprocess
import termios
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from rich.console import Console

from queues.attendance import sign_in
from queues.dead_letters import DeadLetters
from queues.events import JobEvent, Kind
from queues.ledger import Claimed, State
from queues.ledger.overview import Minute, Overview, Standing
from queues.message import TaskMessage
from queues.names import Priority, Queue
from queues.redis_connection import connect
from queues.traffic import Traffic
from tests.fleet import ROOT, eventually
from tests.workers.cli.conftest import FleetCommand
from workers.cli.glance import Glance, Records, RunningJob, look
from workers.cli.glance_page import page
from workers.delivery import submission_of
from workers.embedded.redis import EmbeddedRedis
from workers.resources import Resources

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)
AWAY = "Error 111 connecting to a.host.with.a.very.long.name.example.com:6379. Connection refused."


@pytest.fixture
def busy(resources: Resources) -> Resources:
    """A worker that runs a job at 42 percent, one job that waits, one that failed, one letter."""
    redis, ledger = resources.redis, resources.ledger
    messages = [
        TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", tenant=tenant, request={})
        for tenant in ("runs", "failed", "waits")
    ]
    submissions = [submission_of(message) for message in messages]
    ledger.register(submissions)
    claims = [
        ledger.claim(submission, worker="cpu-1@here", lease=MINUTE, versions="1")
        for submission in submissions[:2]
    ]
    assert isinstance(claims[1], Claimed)
    ledger.finish(submissions[1].id, claims[1].fence, State.FAILED, reason="internal", error="{}")
    redis.lpush(messages[2].list_key, messages[2].to_wire())
    event = JobEvent.now(Kind.PROGRESS, messages[0].job_id, attempt=1, fraction=0.42, message="on")
    resources.events.publish(event)
    sign_in(redis, name="cpu-1@here", queue="cpu", slots=4, busy=1)
    DeadLetters(redis).add(b"?", list_key="cpu", reason="x", detail="", at=datetime.now(UTC))
    return resources


@pytest.fixture
def services(busy: Resources, shared_redis: EmbeddedRedis, shared_database: str) -> dict[str, str]:
    return {"REDIS_URL": shared_redis.url, "DATABASE_URL": shared_database}


def _lines(glance: Glance, *, width: int = 80, height: int | None = 24) -> list[str]:
    screen = io.StringIO()
    console = Console(file=screen, width=width, height=height)
    console.print(page(glance, width=width, height=height))
    return screen.getvalue().splitlines()


def _crowd() -> Glance:
    """A fleet with more of everything than fits."""
    running = RunningJob(
        id=uuid4(),
        task="prism.project_financial_impact",
        tenant="a-tenant-with-a-very-long-name-indeed",
        queue="cpu",
        attempt=2,
        worker=None,
        seconds=100_000,
        fraction=0.5,
        message="\x1b[2Jblock",
    )
    standing = Standing(
        queue="cpu",
        priority="high",
        accepted=1_000_000,
        running=9,
        overdue=1,
        oldest_seconds=1e5,
    )
    return Glance(
        at=NOON,
        traffic=Traffic(
            waiting={(queue, priority): 1_000_000 for queue in Queue for priority in Priority},
            in_hand=1000,
            dead_letters=10_000,
            workers=(),
            memory_used_bytes=3 << 30,
            memory_max_bytes=4 << 30,
            round_trip_seconds=1.5,
        ),
        records=Records(
            overview=Overview(
                standings=(standing,),
                outbox_rows=5000,
                outbox_oldest_seconds=900,
                round_trip_seconds=1.5,
            ),
            lately=tuple(
                Minute(
                    start=NOON.replace(second=0) - ago * MINUTE,
                    queue="cpu",
                    succeeded=ago,
                    failed=0,
                    cancelled=0,
                )
                for ago in range(10)
            ),
            running=(running,) * 100,
        ),
    )


def test_a_program_reads_all_of_it(fleet_command: FleetCommand, services: dict[str, str]) -> None:
    """`--json` gives stores, workers, queues, what ended lately and what runs."""
    seen = FleetCommand(fleet_command.folder, services).json("top")

    [job], [worker] = seen["ledger"]["running"], seen["redis"]["workers"]
    waiting = {
        (each["queue"], each["priority"]): each["messages"] for each in seen["redis"]["waiting"]
    }
    assert (job["tenant"], job["fraction"], job["attempt"]) == ("runs", 0.42, 1)
    assert (worker["name"], worker["slots"], worker["busy"]) == ("cpu-1@here", 4, 1)
    assert waiting["cpu", "normal"] == sum(waiting.values()) == 1
    assert [minute["failed"] for minute in seen["ledger"]["lately"]] == [1]
    assert (seen["redis"]["deadLetters"], seen["ledger"]["outboxRows"]) == (1, 0)
    assert seen["problems"] == {}


def test_a_person_looks_once(fleet_command: FleetCommand, services: dict[str, str]) -> None:
    """`--once` prints one page, also into a pipe."""
    ended = fleet_command("top", "--once", **services)

    assert ended.returncode == 0, ended.stderr
    lines = {line.split()[0]: line for line in ended.stdout.splitlines() if line.strip()}
    assert lines["cpu"].split()[:5] == ["cpu", "●○○○", "0", "1", "0"]
    assert "dead letters 1" in lines["in"]
    assert lines["fleet.echo"].split()[1] == "runs"
    assert "42%" in lines["fleet.echo"]


def test_a_fleet_of_which_nothing_answers_is_still_a_page(fleet_command: FleetCommand) -> None:
    """Whoever looks because something is wrong is told what, and the command does not fail."""
    dead = {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }

    ended = fleet_command("top", "--once", **dead)

    assert ended.returncode == 0, ended.stderr
    assert "Redis is away" in ended.stdout
    assert "Postgres is away" in ended.stdout
    assert "Connection refused" in ended.stdout


def test_what_redis_does_not_say_the_ledger_does(busy: Resources) -> None:
    """While Redis is away, what waits is counted by the ledger; who works is not known."""
    nowhere = connect("redis://127.0.0.1:1/0", patience_seconds=1)

    lines = _lines(look(nowhere, busy.ledger))

    [cpu] = [line for line in lines if line.startswith("cpu")]
    assert cpu.split()[:5] == ["cpu", "?", "0", "1", "0"]
    assert any(line.startswith("fleet.echo") for line in lines)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("height", [24, 50])
def test_a_crowd_fits_the_terminal(width: int, height: int) -> None:
    """Nothing is wider or longer than the screen, and what is left out is counted."""
    glance = _crowd()
    redis_away = Glance(at=NOON, traffic=AWAY, records=glance.records)

    for each in (glance, redis_away):
        lines = _lines(each, width=width, height=height)

        assert max(map(len, lines)) <= width
        assert len(lines) <= height
        assert lines[-1].startswith("and ")
        assert "\x1b" not in "".join(lines)


def test_bars_show_the_last_ten_minutes() -> None:
    """Each minute is a bar, the highest is full, a minute without an end is none."""
    [line] = [line for line in _lines(_crowd()) if line.startswith("ten minutes")]

    assert line.startswith("ten minutes ▕██▇▆▅▄▃▂▁ ▏ 45 ended")


def test_it_lives_in_a_terminal_until_it_is_told_to_end(
    tmp_path: Path, shared_database: str
) -> None:
    """It draws again and again, goes on when Redis dies, and Ctrl-C ends it well."""
    with EmbeddedRedis(tmp_path / "redis") as redis:
        settings = {"REDIS_URL": redis.url, "DATABASE_URL": shared_database, "TERM": "xterm"}
        command = FleetCommand(tmp_path, settings)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = subprocess.Popen(
            command.command("top", "--every", "0.2"),
            cwd=ROOT,
            env=command.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            # Whoever runs the tests in the background has told them to ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        os.set_blocking(ours, False)
        screen = bytearray()

        def shows(text: str) -> bool:
            with suppress(BlockingIOError):
                screen.extend(os.read(ours, 1 << 16))
            return text in screen.decode(errors="replace")

        eventually(lambda: shows("Redis \x1b[32mup"))
        redis.kill()
        eventually(lambda: shows("Redis is away"))
        process.send_signal(signal.SIGINT)
        eventually(lambda: shows("\x1b[?1049l"))

        assert process.wait(30) == 0
        assert "Traceback" not in screen.decode(errors="replace")
        os.close(ours)
