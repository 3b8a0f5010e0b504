"""An operator sees and changes the schedules of any tenant."""

from __future__ import annotations

import json

import pytest

from queues.ledger import Ledger, schedules
from queues.ledger.audit import Action, AuditTrail
from tests.workers.cli.conftest import FleetCommand
from workers.embedded.redis import EmbeddedRedis

ADD = ("schedules", "add", "nightly", "fleet.echo", "-")
BERLIN = ("--cron", "30 2 * * *", "--time-zone", "Europe/Berlin")


@pytest.fixture
def command(
    fleet_command: FleetCommand, redis_server: EmbeddedRedis, database_url: str
) -> FleetCommand:
    """`fleet` with a Redis and a Postgres of its own, and no workers."""
    services = {"REDIS_URL": redis_server.url, "DATABASE_URL": database_url, "TZ": "Asia/Tokyo"}
    return FleetCommand(fleet_command.folder, services)


def test_a_schedule_is_shown_as_it_was_understood(command: FleetCommand, database_url: str) -> None:
    """In local time for people, in UTC for programs; who made it is on record."""
    added = command(*ADD, *BERLIN, "--tenant", "acme", "--missed", "skip", stdin='{"message": "x"}')
    shown = command.json("schedules", "show", "nightly", "--tenant", "acme")
    listed = command("schedules", "list", "--tenant", "acme").stdout

    assert added.stdout.startswith("nightly is scheduled; next: "), added.stderr
    assert added.stdout.endswith(":30:00+09:00\n")
    assert (shown["tenant"], shown["cron"], shown["timeZone"]) == ("acme", *BERLIN[1::2])
    assert (shown["missed"], shown["request"]) == ("skip", {"message": "x"})
    assert [run[-7:] for run in shown["nextRuns"]] == [":30:00Z"] * 3
    assert "30 2 * * * Europe/Berlin" in listed
    ledger = Ledger(database_url)
    [act] = AuditTrail(ledger.engine).events(action=Action.PUT_SCHEDULE)
    ledger.close()
    assert (act.tenant, act.detail) == ("acme", {"schedule": "nightly"})


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ((*ADD, *BERLIN, "--every", "5"), "{}", "everySeconds: expected this or `cron`"),
        (
            (*ADD, "--every", "5"),
            json.dumps({"message": "x" * (1 << 18)}),
            "a schedule and its request have ",
        ),
    ],
    ids=["both", "size"],
)
def test_what_cannot_be_scheduled_is_refused(
    command: FleetCommand, database_url: str, arguments: tuple[str, ...], stdin: str, said: str
) -> None:
    """In a line, and nothing is kept of it."""
    ended = command(*arguments, stdin=stdin)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"fleet: {said}")
    ledger = Ledger(database_url)
    assert schedules.listed(ledger.engine) == []
    ledger.close()
