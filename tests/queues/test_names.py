"""Where a queue's messages lie, in Celery's own scheme."""

from __future__ import annotations

import pytest

from queues import names
from queues.names import PRIORITY_STEP, SERVING_ORDER, Priority, Queue, queue_key, queue_keys


def test_the_bare_list_is_the_middle_one() -> None:
    """A client that knows nothing of priorities sends to the bare list, and is normal."""
    assert queue_key("cpu", PRIORITY_STEP[Priority.NORMAL]) == "cpu"


@pytest.mark.parametrize(
    ("priority", "key"),
    [(Priority.HIGH, "cpu\x06\x163"), (Priority.NORMAL, "cpu"), (Priority.LOW, "cpu\x06\x166")],
)
def test_a_priority_is_a_list(priority: Priority, key: str) -> None:
    """Each priority has the list that docs/wire.md names."""
    assert queue_key("cpu", priority.step) == key


def test_urgent_lists_are_served_first() -> None:
    """A worker looks at high, then normal, then low, then at what only strangers use."""
    assert queue_keys("gpu") == ["gpu\x06\x163", "gpu", "gpu\x06\x166", "gpu\x06\x169"]


def test_every_priority_is_served() -> None:
    """There is no list that one can send to and nobody reads."""
    assert set(PRIORITY_STEP.values()) <= set(SERVING_ORDER)
    assert set(PRIORITY_STEP) == set(Priority)


def test_keys_of_one_job_do_not_meet() -> None:
    """Two kinds of key never name the same place, nor do two jobs."""
    of_a_job = (
        names.submission_key,
        names.progress_key,
        names.events_key,
        names.cancel_key,
        names.result_key,
        names.shards_key,
    )

    keys = [key(job) for key in of_a_job for job in ("a", "b")]
    keys += [names.SUBMITTED_KEY, names.DEAD_LETTERS_KEY]
    keys += [key for queue in Queue for key in queue_keys(queue)]

    assert len(keys) == len(set(keys))
