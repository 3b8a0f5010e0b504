"""What a worker does before its first job runs through."""

from __future__ import annotations

from engines.prism.controls.paired_losses import add_events
from engines.prism.controls.warm_up import warm_up


def test_the_kernel_is_compiled() -> None:
    """For the types that a job has: a job adds no other."""
    warm_up()

    assert len(add_events.signatures) == 1
