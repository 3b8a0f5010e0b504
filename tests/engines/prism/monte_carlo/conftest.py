"""The engine is compiled before its tests, as before a worker's jobs."""

from __future__ import annotations

import pytest

from engines.prism.monte_carlo.warm_up import warm_up


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    warm_up()
