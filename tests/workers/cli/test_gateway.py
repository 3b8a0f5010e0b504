"""`fleet up --gateway` opens the fleet over HTTP to those who have a token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.fleet import eventually
from tests.workers.cli.conftest import FleetCommand, RunningFleet


@pytest.fixture(scope="module")
def open_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFleet]:
    """A fleet that is open over HTTP."""
    fleet = RunningFleet.started(tmp_path_factory.mktemp("fleet"), "--pools", "cpu", "--gateway")
    yield fleet
    fleet.end()


@pytest.fixture(scope="module")
def address(open_fleet: RunningFleet) -> str:
    """Where it says that it is."""
    [line] = [line for line in open_fleet.log.read_text().splitlines() if "| gateway: http" in line]
    return line.split("gateway: ")[1].split(";")[0]


def test_a_token_opens_the_fleet_until_it_is_revoked(
    open_fleet: RunningFleet, address: str
) -> None:
    """The token that is printed submits a job and reads its result; who ended it is on record."""
    command = open_fleet.command
    made = command("tokens", "create", "acme", "--name", "backend", "--expires-days", "30")
    shown = {"Authorization": f"Bearer {made.stdout.strip()}"}
    with httpx.Client(base_url=address, headers=shown) as client:
        job = client.post("/v1/tasks/fleet.echo/jobs", json={"message": "hello"}).headers[
            "Location"
        ]
        result = eventually(
            lambda: (answer := client.get(f"{job}/result")).status_code == 200 and answer.json()
        )
        [token] = command.json("tokens", "list", "--tenant", "acme")
        revoked = command("tokens", "revoke", token["id"])
        eventually(lambda: client.get(job).status_code == 401)
    acts = {event["action"]: event for event in command.json("audit")}

    assert result["message"] == "hello"
    assert "it is not shown again" in made.stderr
    assert (token["name"], token["revokedAt"]) == ("backend", None)
    assert token["expiresAt"] is not None
    assert token["lastUsedAt"] is not None
    assert f"token {token['id']} of acme is revoked" in revoked.stdout
    assert acts["revoke_token"]["detail"] == {"token": token["id"]}
    assert acts["create_token"]["actor"].startswith("cli:")


def test_a_token_is_for_a_tenant(open_fleet: RunningFleet) -> None:
    """A name that no tenant can have, and an unknown token, are refused."""
    command = open_fleet.command
    nobody = command("tokens", "create", "no tenant", "--name", "x")
    unknown = command("tokens", "revoke", str(uuid4()))

    assert (nobody.returncode, unknown.returncode) == (2, 1)
    assert "TENANT: expected 1 to 64 letters" in nobody.stderr
    assert unknown.stderr.startswith("fleet: there is no token ")


def test_it_is_well_wherever_it_listens(open_fleet: RunningFleet) -> None:
    """Whoever asks for its health needs neither its key nor the port that it found free."""
    ended = open_fleet.command("health", "gateway")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "gateway is well\n", "")


def test_a_gateway_needs_a_key(tmp_path: Path) -> None:
    """A gateway on its own asks for the key that its links are signed with, by name."""
    urls = {"REDIS_URL": "redis://127.0.0.1:1", "DATABASE_URL": "postgresql://127.0.0.1:1/x"}
    ended = FleetCommand(tmp_path, urls)("gateway")

    assert ended.returncode == 2
    assert "RISKFLEET_GATEWAY_SIGNING_KEY: expected a value" in ended.stderr
