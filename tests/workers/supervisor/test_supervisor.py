"""Programs come up in order, stay up, and go down in reverse, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from workers.supervisor.backoff import Backoff
from workers.supervisor.program import Program
from workers.supervisor.supervisor import Supervisor

QUICK = Backoff(first=timedelta(milliseconds=10), cap=timedelta(milliseconds=20))

WAIT_FOR_TERM = """
import signal, sys, time
def end(*_):
    print("ending", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(60)
"""

IGNORE_TERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def _python(
    name: str,
    code: str,
    *,
    patience: timedelta = timedelta(seconds=20),
    grace: timedelta = timedelta(seconds=20),
) -> Program:
    return Program(
        name=name,
        command=(sys.executable, "-c", code),
        ready_line="ready",
        patience=patience,
        grace=grace,
    )


class _Log:
    """The lines of a run, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, text: str) -> None:
        self.lines.append((name, text))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def _run(stages: Sequence[Sequence[Program]], *, log: _Log) -> bool:
    """Bring the stages up and down again."""
    return _run_with(stages, log=log, while_up=lambda _: asyncio.sleep(0))


def _run_with(
    stages: Sequence[Sequence[Program]],
    *,
    log: _Log,
    while_up: Callable[[Supervisor], Awaitable[None]],
) -> bool:
    async def session() -> bool:
        up = asyncio.Event()
        supervisor = Supervisor(stages, say=log, when_up=up.set, backoff=QUICK)
        running = asyncio.create_task(supervisor.run())
        coming_up = asyncio.create_task(up.wait())
        await asyncio.wait({running, coming_up}, timeout=20, return_when="FIRST_COMPLETED")
        if up.is_set():
            await while_up(supervisor)
            supervisor.stop()
        coming_up.cancel()
        return await running

    return asyncio.run(session())


def test_start_is_ordered_and_stop_is_reversed() -> None:
    """A stage starts when the one before is ready, and stops when the one after is gone."""
    log = _Log()

    came_up = _run([[_python(name, WAIT_FOR_TERM)] for name in ("first", "second")], log=log)

    assert came_up
    assert [line for line in log.lines if line[0] != "fleet"] == [
        ("first", "ready"),
        ("second", "ready"),
        ("second", "ending"),
        ("first", "ending"),
    ]


def test_a_program_that_runs_once_must_succeed_before_the_next(tmp_path: Path) -> None:
    """What runs once (a migration) is over when the next stage starts, and is not repeated."""
    file = tmp_path / "written"
    once = Program(
        name="once",
        command=(sys.executable, "-c", f"open({str(file)!r}, 'a').write('x')"),
        runs_once=True,
    )
    reads = f"print('ready', open({str(file)!r}).read(), flush=True)\nimport time; time.sleep(60)"
    log = _Log()

    came_up = _run([[once], [_python("reader", reads)]], log=log)

    assert came_up
    assert ("reader", "ready x") in log.lines


def test_what_cannot_start_takes_the_rest_down() -> None:
    """If one program does not come up, the reason is said and the others are stopped."""
    log = _Log()

    came_up = _run(
        [[_python("good", WAIT_FOR_TERM)], [_python("bad", "raise SystemExit(7)")]], log=log
    )

    assert not came_up
    assert ("fleet", "bad ended with status 7 before it was ready") in log.lines
    assert ("good", "ending") in log.lines


def test_what_is_never_ready_is_given_up() -> None:
    """A program has as long as its patience to become ready."""
    log = _Log()
    mute = _python("mute", "import time; time.sleep(60)", patience=timedelta(seconds=0.3))

    assert not _run([[mute]], log=log)
    assert ("fleet", "mute was not ready after 0.3 s") in log.lines


def test_what_dies_is_started_again() -> None:
    """A killed process has a successor, time after time."""
    log = _Log()
    program = _python(
        "mortal", "import os, time; print('ready', os.getpid(), flush=True); time.sleep(60)"
    )

    def lives() -> list[int]:
        return [int(text.split()[1]) for name, text in log.lines if text.startswith("ready")]

    async def kill_twice(_: Supervisor) -> None:
        await _until(lambda: len(lives()) == 1)
        os.kill(lives()[-1], signal.SIGKILL)
        await _until(lambda: len(lives()) == 2)
        os.kill(lives()[-1], signal.SIGKILL)
        await _until(lambda: len(lives()) == 3)

    _run_with([[program]], log=log, while_up=kill_twice)

    assert ("mortal", "was killed by SIGKILL; starts again in 0.01 s") in log.lines
    assert not any(psutil.pid_exists(pid) for pid in lives())


def test_what_does_not_listen_is_killed() -> None:
    """After its grace a process is killed."""
    log = _Log()

    _run([[_python("deaf", IGNORE_TERM, grace=timedelta(seconds=0.2))]], log=log)

    assert ("deaf", "did not stop in time and is killed") in log.lines


def test_asked_twice_it_hurries() -> None:
    """A second request to stop shortens every grace to two seconds."""
    log = _Log()
    patient = _python("deaf", IGNORE_TERM, grace=timedelta(minutes=10))

    async def hurry(supervisor: Supervisor) -> None:
        supervisor.stop()

    _run_with([[patient]], log=log, while_up=hurry)

    assert ("fleet", "stopping at once") in log.lines
    assert ("deaf", "did not stop in time and is killed") in log.lines


def test_a_long_line_is_passed_on() -> None:
    """A line of any length is one line of the log."""
    log = _Log()
    talker = _python(
        "talker", "print('ready', 'x' * 300_000, flush=True)\nimport time; time.sleep(60)"
    )

    _run([[talker]], log=log)

    assert ("talker", "ready " + "x" * 300_000) in log.lines


FLEET_OF_TWO = """
import asyncio, sys
from workers.supervisor.program import Program
from workers.supervisor.supervisor import Supervisor

parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', CODE])"
CODE = '''
import ctypes, os, signal, subprocess, time
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
print("ready", os.getpid(), flush=True)
time.sleep(60)
'''
stages = [[Program(name=n, command=(sys.executable, "-c", CODE), ready_line="ready")] for n in "ab"]
say = lambda name, text: print(name, text, flush=True)
asyncio.run(Supervisor(stages, say=say, when_up=lambda: print("up", flush=True)).run())
"""


@pytest.fixture
def fleet() -> subprocess.Popen[str]:
    """A supervisor in a process of its own, up, with two children that have a child each."""
    process = subprocess.Popen(
        [sys.executable, "-c", FLEET_OF_TWO], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == "up\n":
            return process
    raise AssertionError("the supervisor did not come up")


def test_ctrl_c_ends_everything(fleet: subprocess.Popen[str]) -> None:
    """SIGINT to the supervisor stops every process, and it ends without complaint."""
    family = psutil.Process(fleet.pid).children(recursive=True)

    fleet.send_signal(signal.SIGINT)

    assert (len(family), fleet.wait(timeout=20)) == (4, 0)
    assert psutil.wait_procs(family, timeout=20)[1] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_kill_9_leaves_no_orphan(fleet: subprocess.Popen[str]) -> None:
    """Even if the supervisor is killed outright, none of its processes outlives it."""
    family = psutil.Process(fleet.pid).children(recursive=True)

    fleet.kill()
    fleet.wait()

    assert len(family) == 4
    assert psutil.wait_procs(family, timeout=20)[1] == []
