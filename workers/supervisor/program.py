"""One process, described: what to run, how to know that it is up, and how to end it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """A user of this machine, by number."""

    uid: int
    gid: int


def _at_once() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Program:
    """A process as the supervisor starts it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: Account | None = None
    """Who runs it; None is whoever runs us."""
    is_ready: Callable[[], bool] = _at_once
    """Asked again and again after the start; answers quickly and does not raise."""
    ready_line: str | None = None
    """Part of a line that it prints when it is up. Waited for in addition to `is_ready`."""
    patience: timedelta = timedelta(seconds=60)
    """How long it may take to become ready."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace: timedelta = timedelta(seconds=10)
    """How long it may take to stop before it is killed."""
    orphan_signal: signal.Signals = signal.SIGKILL
    """What it gets from the kernel if we die without stopping it (Linux)."""
    runs_once: bool = False
    """It is ready when it has ended with status 0, and is not started again."""


def popen_options(program: Program, *, keep_open: Sequence[int] = ()) -> dict[str, Any]:
    """Give the keywords for `subprocess.Popen`, or asyncio's, that start `program`.

    It gets a session of its own, so that a Ctrl-C in the terminal reaches only us and we stop
    things in order, and it dies with us: not even kill -9 leaves an orphan behind.
    """
    options: dict[str, Any] = {
        "env": dict(program.environment),
        "stdin": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "start_new_session": True,
        "pass_fds": tuple(keep_open),
        "preexec_fn": _tied_to_parent(os.getpid(), program.orphan_signal),
    }
    if program.account is not None:
        options |= {"user": program.account.uid, "group": program.account.gid, "extra_groups": ()}
    return options


def _tied_to_parent(parent: int, orphan_signal: signal.Signals) -> Callable[[], None]:
    # Runs between fork and exec, after the change of user (which would clear the setting).
    def tie() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie
