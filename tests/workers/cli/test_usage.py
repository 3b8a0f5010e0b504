"""A command that cannot do its work says why in a line, and programs can tell by its code."""

from __future__ import annotations

import json
import socket

import pytest

from tests.workers.cli.conftest import FleetCommand


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("submit", "no.task", "-"), {}, "no task is called no.task; there are fleet.echo"),
        (("submit", "fleet.echo", "nowhere.json"), {}, "nowhere.json: expected a JSON file"),
        (
            ("submit", "fleet.echo", "-", "--tenant", "a b"),
            {},
            "tenant: expected 1 to 64 letters, digits, dots, underscores or dashes, got 'a b'",
        ),
        (
            ("up", "--pools", "etl"),
            {"RISKFLEET_ETL_CONCURRENCY": "0"},
            "RISKFLEET_ETL_CONCURRENCY: expected greater than 0, received '0'",
        ),
        (("worker", "tpu"), {}, "no pool is called tpu; there are cpu, gpu, etl, security"),
        (("jobs",), {}, "REDIS_URL: expected a value, received nothing"),
        (("jobs",), {"RISKFLEET_POOL": "cpu"}, "RISKFLEET_POOL: expected a setting that exists"),
        (("up", "--pools", "tpu"), {}, "RISKFLEET_POOLS: expected some of cpu, gpu"),
        (
            ("jobs",),
            {"REDIS_URL": "http://x:hidden@y", "DATABASE_URL": "postgresql://z"},
            "REDIS_URL: expected a URL that begins with redis:// or rediss://",
        ),
    ],
)
def test_misuse_is_said_and_ends_with_2(
    fleet_command: FleetCommand,
    arguments: tuple[str, ...],
    settings: dict[str, str],
    said: str,
) -> None:
    """What the user can mend is one message on stderr, without a traceback or a secret."""
    ended = fleet_command(*arguments, stdin="{}", **settings)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"fleet: {said}")
    assert "Traceback" not in ended.stderr
    assert "hidden" not in ended.stderr


def test_a_wrong_request_is_refused_field_by_field(fleet_command: FleetCommand) -> None:
    """A request is checked before it is sent, and every field that is wrong is named."""
    ended = fleet_command(
        "submit", "fleet.echo", "-", stdin='{"sleepSeconds": -1, "massage": "typo"}'
    )

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "fleet: standard input is not a request of fleet.echo:",
        "  sleepSeconds: expected greater than or equal to 0, received -1",
        "  massage: expected no field of this name, received 'typo'",
    ]


def test_what_is_no_json_is_said(fleet_command: FleetCommand) -> None:
    """A request that breaks off is no JSON, which is another matter than a wrong field."""
    ended = fleet_command("submit", "fleet.echo", "-", stdin='{"message": ')

    assert ended.returncode == 2
    assert ended.stderr.startswith("fleet: standard input: expected JSON (")


def test_a_port_in_use_is_said(fleet_command: FleetCommand) -> None:
    """Flower that finds its port taken names it, in a line."""
    settings = {"RISKFLEET_FLOWER_PASSWORD": "long enough"}
    dead = {"REDIS_URL": "redis://127.0.0.1:1/0", "DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = fleet_command("flower", RISKFLEET_FLOWER_PORT=port, **settings, **dead)

    assert ended.returncode == 1
    assert ended.stderr == f"flower: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_services_that_do_not_answer_end_it_with_1(fleet_command: FleetCommand) -> None:
    """Unreachable services are a failure, not a misuse."""
    dead = {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }

    submitted = fleet_command("submit", "fleet.echo", "-", stdin="{}", **dead)
    listed = fleet_command("dead-letters", "list", **dead)

    assert (submitted.returncode, listed.returncode) == (1, 1)
    assert submitted.stderr.startswith("fleet: Postgres (DATABASE_URL) does not answer: ")
    assert listed.stderr.startswith("fleet: Redis (REDIS_URL) does not answer: ")
    assert "Traceback" not in submitted.stderr + listed.stderr


def test_without_a_fleet_there_are_no_addresses(fleet_command: FleetCommand) -> None:
    """`fleet env` fails where no fleet is up, and says how to name another folder."""
    ended = fleet_command("env")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "RISKFLEET_DATA" in ended.stderr


def test_tasks_are_listed_for_programs(fleet_command: FleetCommand) -> None:
    """`fleet tasks --json` names every task with its queue and bounds, without any service."""
    tasks = {task["name"]: task for task in fleet_command.json("tasks")}

    assert tasks["prism.simulate_scenario"]["queue"] == "cpu"
    assert tasks["fleet.echo"]["maxRequestBytes"] == 1 << 20


def test_the_doctor_finds_a_machine_well(fleet_command: FleetCommand) -> None:
    """Where nothing runs, nothing is wrong; what could be started is noted, with how."""
    findings = {each["subject"]: each for each in fleet_command.json("doctor")}

    assert findings["packages"]["grade"] == "fine"
    assert findings["extra embedded"]["grade"] == "fine"
    assert (findings["fleet"]["grade"], findings["fleet"]["mend"]) == ("note", "fleet up")


def test_the_doctor_finds_what_is_wrong(fleet_command: FleetCommand) -> None:
    """Services that were named and do not answer are wrong, said with the host but no password."""
    ended = fleet_command(
        "doctor",
        "--json",
        REDIS_URL="redis://:s3cret@127.0.0.1:1/0",
        DATABASE_URL="postgresql://me:s3cret@127.0.0.1:1/none",
    )

    wrong = {each["subject"] for each in json.loads(ended.stdout) if each["grade"] == "wrong"}
    assert (ended.returncode, wrong) == (1, {"redis", "postgres"})
    assert "127.0.0.1:1 does not answer" in ended.stdout
    assert "s3cret" not in ended.stdout + ended.stderr
