"""A worker of a contender: a process and its children, frozen and thawed as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from workers.supervisor.program import Program, popen_options

ROOT = Path(__file__).parents[2]


class StartedProcess:
    """A Python module run as a process that dies with us."""

    def __init__(
        self, arguments: Sequence[str], log: Path, *, environment: dict[str, str] | None = None
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RISKFLEET_")}
        program = Program(
            name=log.stem,
            command=(sys.executable, "-m", *arguments),
            environment=inherited | (environment or {}),
        )
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                program.command, cwd=ROOT, stdout=sink, **popen_options(program)
            )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """Stop it and its children where they are."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        os.killpg(self.pid, signal.SIGCONT)
