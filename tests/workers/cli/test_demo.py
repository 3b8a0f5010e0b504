"""The demo shows a fleet at work on any machine, and leaves nothing running."""

from __future__ import annotations

from pathlib import Path

from tests.workers.cli.conftest import FleetCommand
from workers.supervisor.fleet_folder import FleetFolder


def test_without_node_it_submits_from_python(fleet_command: FleetCommand, tmp_path: Path) -> None:
    """It says that it goes without Node, shows result and ledger row, and stops what it started."""
    data = tmp_path / "demo"

    ended = fleet_command("demo", "--data", str(data), PATH=str(tmp_path))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "from Python, because Node is not installed" in ended.stdout
    assert "probability of more than the appetite of 2,000,000" in ended.stdout
    assert "state         succeeded" in ended.stdout
    assert FleetFolder(data).running_fleet() == {}


def test_what_breaks_is_shown(fleet_command: FleetCommand, tmp_path: Path) -> None:
    """If the fleet does not start, the end of its log says why."""
    data = tmp_path / "demo"
    (data / "postgres" / "data").mkdir(parents=True)
    (data / "postgres" / "data" / "PG_VERSION").write_text("9.6\n")

    ended = fleet_command("demo", "--data", str(data))

    assert ended.returncode == 1
    assert "the fleet did not start" in ended.stderr
    assert "postgres ended with status 2 before it was ready" in ended.stderr
