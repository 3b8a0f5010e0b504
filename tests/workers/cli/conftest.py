"""The `fleet` command as a user runs it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from queues.ledger import Ledger
from tests.fleet import eventually

Ended = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class FleetCommand:
    """Runs `fleet ...` in a folder of its own, in an environment without settings."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the command sees."""
        settings = ("RISKFLEET_", "REDIS_URL", "DATABASE_URL")
        clean = {name: text for name, text in os.environ.items() if not name.startswith(settings)}
        return clean | self.settings

    def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> Ended:
        """Run it to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment | settings,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Run it and give the last JSON document that it prints."""
        ended = self(*arguments, "--json", stdin=stdin)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout.splitlines()[-1])

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """Run it beside the test, its output in a file."""
        with log.open("wb") as output:
            return subprocess.Popen(
                self.command(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @staticmethod
    def command(*arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "workers.cli", *arguments)


@pytest.fixture
def fleet_command(tmp_path: Path) -> FleetCommand:
    """The command where no fleet runs."""
    return FleetCommand(tmp_path)


@dataclass(frozen=True)
class RunningFleet:
    """A fleet that `fleet up` runs."""

    command: FleetCommand
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def started(cls, folder: Path, *arguments: str) -> RunningFleet:
        """Start a fleet and wait until it is up."""
        command = FleetCommand(folder, {"RISKFLEET_LEASE_SECONDS": "3"})
        log = folder / "fleet.log"
        process = command.start("up", *arguments, log=log)
        eventually(lambda: process.poll() is not None or "| up;" in log.read_text())
        assert process.poll() is None, log.read_text()
        return cls(command, process, log)

    @property
    def addresses(self) -> dict[str, str]:
        """The variables by which other commands find it."""
        variables: dict[str, str] = json.loads(
            (self.command.folder / ".fleet" / "fleet.json").read_text()
        )
        return variables

    @cached_property
    def ledger(self) -> Ledger:
        """Its ledger, for looking at without a command."""
        return Ledger(self.addresses["DATABASE_URL"])

    def end(self) -> None:
        """Stop it, if the test did not."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)


@pytest.fixture(scope="module")
def running_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFleet]:
    """A fleet with the CPU pool, shared by the tests of one file."""
    fleet = RunningFleet.started(tmp_path_factory.mktemp("fleet"), "--pools", "cpu")
    yield fleet
    fleet.end()
