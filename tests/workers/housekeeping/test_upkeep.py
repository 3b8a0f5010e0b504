"""Upkeep that finds a store away says so in a line, and is sent again by the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from config.workers import WorkerSettings
from queues.ledger import Ledger
from workers import housekeeping
from workers.app import FleetApp
from workers.resources import PerProcess, Resources
from workers.worker_context import WorkerContext


@pytest.fixture
def app(resources: Resources) -> FleetApp:
    """What a housekeeping worker runs, without Postgres."""
    without = replace(resources, ledger=Ledger("postgresql://nobody@127.0.0.1:1/nothing"))
    app = FleetApp("housekeeping", set_as_current=False)
    app.fleet = WorkerContext(settings=WorkerSettings(), resources=PerProcess(lambda: without))
    housekeeping.bind(app)
    return app


@pytest.mark.parametrize("task", sorted(housekeeping.TASKS))
def test_a_lost_ledger_is_no_traceback(task: str, app: FleetApp) -> None:
    """Without Postgres no task of upkeep raises: a page of traceback each would bury the log."""
    with capture_logs() as logged:
        app.tasks[task]()

    [line] = logged
    assert (line["event"], line["log_level"]) == ("upkeep_not_done", "warning")
    assert "127.0.0.1" in line["error"]
