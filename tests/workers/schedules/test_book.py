"""What may be scheduled, and that beat hears of it even if Redis was away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engines.errors import InvalidInput
from queues.names import SCHEDULES_KEY
from queues.redis_connection import connect
from tests.workers.schedules.conftest import TICK, Book
from workers.failure import JobFailed, error_of
from workers.resources import Resources
from workers.schedules import book as book_module
from workers.schedules.book import TenantSchedules
from workers.schedules.entries import Entries
from workers.schedules.mending import mend


@pytest.mark.parametrize(
    ("terms", "field", "expected"),
    [
        ({"task": "no.task"}, "task", "one of"),
        ({"task": "fleet.put_schedule"}, "task", "one of"),
        ({"task": "fleet.list_schedules"}, "task", "one of"),
        ({"request": '{"mesage": "tick"}'}, "request.mesage", "no field of this name"),
        ({"request": '{"message": 1}'}, "request.message", "a valid string"),
        (
            {"request": '{"message": "%s"}' % ("x" * (1 << 20))},
            "request",
            "at most 1048576 bytes",
        ),
        (
            {
                "task": "prism.simulate_scenario",
                "request": '{"name": "n", "currency": "EUR", "scenario": {}}',
            },
            "request.scenario.lossEventFrequencyPerYear",
            "this, threatEventFrequencyPerYear",
        ),
    ],
    ids=["unknown", "put", "list", "field", "type", "size", "path"],
)
def test_what_could_never_run_is_refused(
    book: Book, terms: dict[str, Any], field: str, expected: str
) -> None:
    """Now, at the field where it is, and not each time that it would be sent."""
    with pytest.raises((InvalidInput, JobFailed)) as refusal:
        book().put(replace(TICK, **terms), enabled=None)

    problems = {each.field: each.expected for each in error_of(refusal.value).fields}
    assert problems[field].startswith(expected)
    assert book().listed() == []


def test_there_is_an_end_to_them(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tenant is told how many it may have; another tenant still may."""
    monkeypatch.setattr(book_module, "MAX_SCHEDULES", 1)
    book().put(TICK, enabled=None)

    with pytest.raises(InvalidInput, match="name: expected one of the tenant's 1 schedules"):
        book().put(replace(TICK, name="other"), enabled=None)

    book("other").put(TICK, enabled=None)


def test_tenants_do_not_touch_each_others(resources: Resources, book: Book) -> None:
    """One name, two tenants, two schedules: each sees and changes its own."""
    ours = book("acme").put(TICK, enabled=None)
    theirs = book("other").put(replace(TICK, every_seconds=3600), enabled=None)

    assert book("acme").listed() == [ours]
    assert book("third").find("tick") is None
    assert book("third").enable("tick", enabled=False) is None
    assert not book("third").remove("tick")
    assert book("acme").remove("tick")
    assert book("other").listed() == [theirs]
    assert resources.redis.zrange(SCHEDULES_KEY, 0, -1) == ["other:tick"]


def test_redis_may_be_away(resources: Resources, book: Book) -> None:
    """What is put is kept; beat hears of it from housekeeping once Redis is back."""
    nowhere = Entries(connect("redis://127.0.0.1:1"))
    away = TenantSchedules("acme", resources.ledger, nowhere)

    kept = away.put(TICK, enabled=None)

    assert book().listed() == [kept]
    assert mend(resources, now=datetime.now(UTC)) == {"missing": 1}
