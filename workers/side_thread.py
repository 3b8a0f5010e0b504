"""A thread beside a worker's event loop, without which the worker must not go on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

_last_rounds: dict[str, float] = {}


def idle_seconds() -> dict[str, float]:
    """Give each thread of this process with how long ago it last did its round."""
    now = time.monotonic()
    return {name: now - last for name, last in _last_rounds.copy().items()}


def repeat(name: str, action: Callable[[], None], *, every_seconds: float) -> None:
    """Call `action` again and again until the process ends.

    If it raises, the worker stops as if told to: half a worker, whose jobs nobody keeps, is
    worse than none, and whoever supervises it starts another.
    """

    def run() -> None:
        pause = threading.Event()
        _last_rounds[name] = time.monotonic()
        try:
            while not pause.wait(every_seconds):
                action()
                _last_rounds[name] = time.monotonic()
        finally:
            log.critical("side_thread_ended", thread=name)
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=run, name=name, daemon=True).start()
