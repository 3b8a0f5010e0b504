"""Celery's task events still arrive, although they are sent in batches."""

from __future__ import annotations

from typing import Any

from celery import Celery

from tests.fleet import FleetUnderTest


def test_whoever_listens_hears_of_a_job_that_ended(shared_fleet: FleetUnderTest) -> None:
    """Flower sees a job received, started and done, without waiting for a full batch."""
    app = Celery(broker=shared_fleet.redis_server.url)
    submitted: list[str] = []
    heard: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if event["uuid"] in submitted:
            heard.append(event["type"])

    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": lambda _: None})
        receiver.handlers |= dict.fromkeys(
            ("task-received", "task-started", "task-succeeded"), hear
        )
        receiver.on_consume_ready = lambda *_, **__: submitted.append(shared_fleet.submit({}))
        for _ in receiver.consume(limit=None, timeout=60):
            if len(heard) == 3:
                break

    assert heard == ["task-received", "task-started", "task-succeeded"]
