"""A server as a child of this process: started, stopped, or killed on purpose."""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from workers.supervisor.program import Program, popen_options

_POLL_SECONDS = 0.02
_TAIL_LINES = 20


class ServerFailed(RuntimeError):
    """An embedded server cannot run; the message ends with what it said, if it said anything."""


class EmbeddedServer(ABC):
    """A server with its data in a folder of its own, kept between runs.

    As a context manager it runs from enter to exit. `kill` and `start` play a crash: data and
    address stay. The supervisor takes the program from `prepare` and runs that itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._running: tuple[Program, subprocess.Popen[bytes]] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address, password included. It stays the same for the life of this object."""

    @abstractmethod
    def prepare(self) -> Program:
        """Make the folder ready and give the program to run."""

    def start(self) -> None:
        """Start it and return when it is ready."""
        program = self.prepare()
        output = self.folder / "log"
        with output.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - the command is ours
                program.command, stdout=log, **popen_options(program)
            )
        self._running = program, process
        deadline = time.monotonic() + program.patience.total_seconds()
        while not program.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                tail = output.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
                raise ServerFailed("\n".join([f"{program.name} did not start:", *tail]))
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop it cleanly; kill it if that takes longer than its grace. Stopped, it stays so."""
        if self._running is None:
            return
        program, process = self._running
        process.send_signal(program.stop_signal)
        try:
            process.wait(program.grace.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()
        self._running = None

    def kill(self) -> None:
        """Kill it as a power cut would, and return when its children are gone as well."""
        if self._running is None:
            return
        _, process = self._running
        family = [] if process.poll() is not None else psutil.Process(process.pid).children()
        process.kill()
        process.wait()
        while any(_is_alive(child) for child in family):
            time.sleep(_POLL_SECONDS)
        self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wheel_folder(module: str) -> Path:
    """Give the folder of an installed wheel without importing it, or raise `ServerFailed`."""
    found = find_spec(module)
    if found is None or found.origin is None:
        raise ServerFailed(f"{module} is not installed: pip install 'riskfleet[embedded]'")
    return Path(found.origin).parent
