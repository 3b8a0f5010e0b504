"""`fleet.echo`: a task that does what it is told, for smoke tests and drills."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import numpy as np
from numba import njit
from pydantic import Field

from engines.errors import InvalidInput, Unavailable
from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.payload import Count, Payload

_TICK_SECONDS = 0.05
_PIECE_BYTES = 8 << 20
_CALIBRATION_ROUNDS = 20_000_000


class Failure(StrEnum):
    """How `fleet.echo` may fail on request; one for each thing a caller can do about it."""

    CHANGE_REQUEST = "changeRequest"
    WAIT = "wait"
    CALL_US = "callUs"


class EchoRequest(Payload):
    """What to do, in the order of the fields, before echoing `message`."""

    message: Annotated[str, Field(max_length=16 << 20)] = ""
    """Given back in the result."""
    sleep_seconds: Annotated[float, Field(ge=0, le=3600)] = 0
    """Sleep this long, reporting progress."""
    spin_seconds: Annotated[float, Field(ge=0, le=3600)] = 0
    """Compute this long in compiled code that hears no signal and reports no progress."""
    allocate_mebibytes: Annotated[int, Field(ge=0, le=1 << 20)] = 0
    """Allocate and touch this much memory."""
    fail: Failure | None = None
    """Fail in this way instead of echoing."""


class EchoResult(Payload):
    """What came, and what was done."""

    message: str
    """As it came."""
    allocated_bytes: Count
    """Memory that was touched."""


@task("fleet.echo", queue=Queue.CPU, also_on=Queue)
def echo(request: EchoRequest, *, progress: Progress) -> EchoResult:
    """Sleep, compute, allocate or fail on request, then give the message back."""
    _sleep(request.sleep_seconds, progress)
    if request.spin_seconds:
        _spin(request.spin_seconds)
    allocated = _allocate(request.allocate_mebibytes << 20)
    _fail(request.fail)
    return EchoResult(message=request.message, allocated_bytes=allocated)


def _sleep(seconds: float, progress: Progress) -> None:
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        progress(elapsed / seconds, f"slept {elapsed:.1f} of {seconds:g} s")
        time.sleep(min(_TICK_SECONDS, seconds - elapsed))


def _spin(seconds: float) -> None:
    """Keep a core busy without returning to the interpreter once the real work has begun."""
    _burn(1)
    began = time.perf_counter()
    _burn(_CALIBRATION_ROUNDS)
    rounds_per_second = _CALIBRATION_ROUNDS / (time.perf_counter() - began)
    _burn(int(rounds_per_second * seconds))


@njit(cache=True)
def _burn(rounds: int) -> int:
    state = 88172645463325252
    for _ in range(rounds):
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
    return state


def _allocate(size: int) -> int:
    """Touch `size` bytes in pieces, so that a memory limit is met early in one of them."""
    pieces = [
        np.ones(min(_PIECE_BYTES, size - start), dtype=np.uint8)
        for start in range(0, size, _PIECE_BYTES)
    ]
    return sum(piece.nbytes for piece in pieces)


def _fail(how: Failure | None) -> None:
    if how is Failure.CHANGE_REQUEST:
        raise InvalidInput("fail", expected="no failure to be asked for", received=how.value)
    if how is Failure.WAIT:
        raise Unavailable("the service that fleet.echo was told to miss is not there")
    if how is Failure.CALL_US:
        raise RuntimeError("fleet.echo was told to fail")
