"""Bring programs up in order, keep them up, and take them down in reverse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from typing import Any

from workers.supervisor.backoff import Backoff
from workers.supervisor.kept_process import KeptProcess, ProgramFailed, Say
from workers.supervisor.program import Program

Stages = Sequence[Sequence[Program]]
"""Programs in the order in which they start; those of one stage start side by side."""


class Supervisor:
    """Runs stages of programs until it is told to stop."""

    def __init__(
        self,
        stages: Stages,
        *,
        say: Say,
        when_up: Callable[[], None],
        backoff: Backoff | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        backoff = backoff or Backoff()
        self._stages = [
            [KeptProcess(each, say=say, backoff=backoff, keep_open=keep_open) for each in stage]
            for stage in stages
        ]
        self._say = say
        self._when_up = when_up
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []

    def stop(self) -> None:
        """Ask for an orderly end; asked twice, for a quick one."""
        if self._stop.is_set():
            self._say("fleet", "stopping at once")
            self._hurry.set()
        else:
            self._say("fleet", "stopping (once more to hurry)")
            self._stop.set()

    async def run(self) -> bool:
        """Run until `stop`, SIGINT or SIGTERM; tell whether everything came up before that.

        If a program does not come up, everything already started is stopped again.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        coming_up = asyncio.create_task(self._come_up())
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({coming_up, stopped}, return_when="FIRST_COMPLETED")
            came_up = coming_up.done() and coming_up.result()
            if came_up:
                await stopped
            return came_up
        finally:
            stopped.cancel()
            await _ended(coming_up, *self._keepers)
            await self._go_down()

    async def _come_up(self) -> bool:
        for stage in self._stages:
            if not await self._start(stage):
                return False
            self._keepers += [
                asyncio.create_task(process.keep())
                for process in stage
                if not process.program.runs_once
            ]
        self._when_up()
        return True

    async def _start(self, stage: Sequence[KeptProcess]) -> bool:
        """Start a stage; at the first failure give up on the rest of it."""
        failures: tuple[Exception, ...] = ()
        try:
            async with asyncio.TaskGroup() as starts:
                for process in stage:
                    starts.create_task(process.start())
        except* ProgramFailed as group:
            failures = group.exceptions
        for failure in failures:
            self._say("fleet", str(failure))
        return not failures

    async def _go_down(self) -> None:
        for stage in reversed(self._stages):
            await asyncio.gather(*(process.stop(self._hurry) for process in stage))
        self._say("fleet", "stopped")


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have let go of what they were doing."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
