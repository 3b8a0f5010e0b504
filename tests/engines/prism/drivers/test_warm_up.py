"""What a worker does before its first job runs through."""

from __future__ import annotations

import sys

from engines.prism.drivers.warm_up import warm_up


def test_the_slow_import_is_made() -> None:
    """scipy.stats, which a job would wait half a second for."""
    warm_up()

    assert "scipy.stats" in sys.modules
