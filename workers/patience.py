"""Wait for something that is away and will come back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog

T = TypeVar("T")

_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 3.0

log = structlog.get_logger(__name__)


def patiently(
    call: Callable[[], T],
    *,
    while_raising: type[Exception],
    patience: timedelta,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Give what `call` gives, calling again while it raises, until `patience` is over.

    Waits grow from a tenth of a second to three, each with jitter, so that a crowd of workers
    does not knock at the same moment.
    """
    end = monotonic() + patience.total_seconds()
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            return call()
        except while_raising as error:
            if monotonic() >= end:
                raise
            log.warning("waiting", error=str(error), seconds=round(wait, 1))
        sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not secrecy
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)
