"""A process that keeps dying is started ever more rarely, but always again."""

from __future__ import annotations

from datetime import timedelta

from workers.supervisor.backoff import Backoff


def test_the_pause_doubles_up_to_a_cap() -> None:
    """Half a second, then twice as long each time, never more than the cap."""
    backoff = Backoff(first=timedelta(seconds=0.5), cap=timedelta(seconds=3))

    seconds = [backoff.delay(deaths).total_seconds() for deaths in (1, 2, 3, 4, 1000)]

    assert seconds == [0.5, 1, 2, 3, 3]
