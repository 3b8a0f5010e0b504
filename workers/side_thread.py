"""A thread beside a worker's event loop, without which the worker must not go on."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


def repeat(name: str, action: Callable[[], None], *, every_seconds: float) -> None:
    """Call `action` again and again until the process ends.

    If it raises, the worker stops as if told to: half a worker, whose jobs nobody keeps, is
    worse than none, and whoever supervises it starts another.
    """

    def run() -> None:
        pause = threading.Event()
        try:
            while not pause.wait(every_seconds):
                action()
        finally:
            log.critical("side_thread_ended", thread=name)
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=run, name=name, daemon=True).start()
