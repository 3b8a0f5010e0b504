"""What is away is waited for, longer each time, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from workers.patience import patiently


class Away(Exception):
    pass


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _away(times: int) -> Callable[[], str]:
    """Something that answers after it was away `times` times."""
    left = [Away(str(number)) for number in range(times)]

    def call() -> str:
        if left:
            raise left.pop(0)
        return "back"

    return call


def _wait(call: Callable[[], str], clock: Clock, seconds: float = 300) -> str:
    return patiently(
        call,
        while_raising=Away,
        patience=timedelta(seconds=seconds),
        monotonic=clock,
        sleep=clock.sleep,
    )


def test_what_is_there_answers_at_once() -> None:
    """Nobody sleeps when nothing is wrong."""
    clock = Clock()

    assert _wait(_away(0), clock) == "back"
    assert clock.slept == []


def test_what_comes_back_answers() -> None:
    """The caller does not notice that it was away."""
    clock = Clock()

    assert _wait(_away(3), clock) == "back"
    assert len(clock.slept) == 3


def test_waits_grow_to_three_seconds() -> None:
    """From a tenth of a second, doubling, each within half of its length."""
    clock = Clock()
    _wait(_away(12), clock)
    expected = [min(0.1 * 2**number, 3.0) for number in range(12)]

    assert all(
        0.5 * wait <= slept <= 1.5 * wait for wait, slept in zip(expected, clock.slept, strict=True)
    )


def test_a_crowd_does_not_knock_together() -> None:
    """Two who wait do not wait equally long."""
    crowd = [Clock() for _ in range(20)]
    for clock in crowd:
        _wait(_away(1), clock)

    assert all(first != second for first, second in pairwise(clock.slept for clock in crowd))


def test_patience_ends() -> None:
    """After its time the last error goes to the caller."""
    clock = Clock()

    with pytest.raises(Away):
        _wait(_away(10_000), clock, seconds=10)

    assert 1010 <= clock.now <= 1010 + 4.5


def test_without_patience_it_is_asked_once() -> None:
    """No time to wait is no second try."""
    clock = Clock()

    with pytest.raises(Away, match="0"):
        _wait(_away(2), clock, seconds=0)

    assert clock.slept == []


def test_another_error_is_not_waited_for() -> None:
    """Only being away passes by itself."""
    clock = Clock()

    def broken() -> str:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        _wait(broken, clock)
    assert clock.slept == []
