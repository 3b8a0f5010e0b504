"""One program, kept running: started, waited for, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from workers.supervisor.backoff import Backoff
from workers.supervisor.program import Program, popen_options

Say = Callable[[str, str], None]
"""Writes one line of the log: who says it, and what."""

_POLL_SECONDS = 0.05
_HURRIED_GRACE = timedelta(seconds=2)
_CHUNK_BYTES = 1 << 16


class ProgramFailed(RuntimeError):
    """A program ended, or took too long, before it was ready."""


class KeptProcess:
    """The process of one program, over as many lives as it needs."""

    def __init__(
        self, program: Program, *, say: Say, backoff: Backoff, keep_open: Sequence[int] = ()
    ) -> None:
        self.program = program
        self._say = say
        self._backoff = backoff
        self._keep_open = keep_open
        self._process: asyncio.subprocess.Process | None = None
        self._output: asyncio.Task[None] | None = None
        self._has_said_ready = False

    async def start(self) -> None:
        """Start it and return when it is ready, or raise `ProgramFailed`."""
        program = self.program
        self._has_said_ready = program.ready_line is None
        process = await asyncio.create_subprocess_exec(
            *program.command,
            stdout=asyncio.subprocess.PIPE,
            **popen_options(program, keep_open=self._keep_open),
        )
        self._process = process
        self._output = asyncio.create_task(self._repeat_output(process))
        try:
            async with asyncio.timeout(program.patience.total_seconds()):
                if program.runs_once:
                    await process.wait()
                while not self._is_up(process):
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            patience = program.patience.total_seconds()
            raise ProgramFailed(f"{program.name} was not ready after {patience:g} s") from None

    async def keep(self) -> None:
        """Start it again whenever it dies, for ever. Cancel this to stop doing so."""
        clock = asyncio.get_running_loop().time
        deaths = 0
        while self._process is not None:
            began = clock()
            status = await self._process.wait()
            self._sweep()
            lived = timedelta(seconds=clock() - began)
            deaths = 1 if lived >= self._backoff.forgiven_after else deaths + 1
            delay = self._backoff.delay(deaths).total_seconds()
            self._say(self.program.name, f"{_ending(status)}; starts again in {delay:g} s")
            await asyncio.sleep(delay)
            try:
                await self.start()
            except ProgramFailed:
                continue  # the next round says how it ended
            except OSError as error:  # no memory or no process left for it just now
                self._say(self.program.name, f"could not be started: {error}")

    async def stop(self, hurry: asyncio.Event) -> None:
        """Ask it to stop, kill what is left of it after its grace, and return when it is gone.

        Once `hurry` is set it has two more seconds.
        """
        process, output = self._process, self._output
        if process is None or output is None:
            return
        if process.returncode is None:
            process.send_signal(self.program.stop_signal)
            ended = asyncio.create_task(process.wait())
            hurried = asyncio.create_task(hurry.wait())
            grace = self.program.grace.total_seconds()
            await asyncio.wait({ended, hurried}, timeout=grace, return_when="FIRST_COMPLETED")
            if hurried.done():
                await asyncio.wait({ended}, timeout=_HURRIED_GRACE.total_seconds())
            hurried.cancel()
            if process.returncode is None:
                self._say(self.program.name, "did not stop in time and is killed")
                process.kill()
            await ended
        self._sweep()
        await asyncio.wait({output}, timeout=1)
        output.cancel()

    def _is_up(self, process: asyncio.subprocess.Process) -> bool:
        status = process.returncode
        if status is not None and not (self.program.runs_once and status == 0):
            raise ProgramFailed(f"{self.program.name} {_ending(status)} before it was ready")
        return self._has_said_ready and self.program.is_ready()

    async def _repeat_output(self, process: asyncio.subprocess.Process) -> None:
        stream = process.stdout
        rest = b""
        while stream is not None and (chunk := await stream.read(_CHUNK_BYTES)):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._repeat(line)
        if rest:
            self._repeat(rest)

    def _repeat(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self._say(self.program.name, text)
        if self.program.ready_line is not None and self.program.ready_line in text:
            self._has_said_ready = True

    def _sweep(self) -> None:
        """Kill what the process left behind in its group."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _ending(status: int) -> str:
    """Say how a process ended: a negative status is the signal that killed it."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"
