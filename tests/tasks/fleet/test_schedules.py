"""The tasks about schedules: what they refuse, and what they say of a schedule."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from engines.errors import InvalidInput
from engines.progress import unreported
from queues.names import Priority
from queues.schedule import Missed, Schedule, ScheduleTerms
from tasks.fleet.list_schedules import list_schedules
from tasks.fleet.pause_schedule import pause_schedule
from tasks.fleet.put_schedule import PutScheduleRequest, put_schedule
from tasks.fleet.remove_schedule import remove_schedule
from tasks.fleet.resume_schedule import resume_schedule
from tasks.fleet.schedule_book import ScheduleBook
from tasks.fleet.schedule_state import ScheduleState
from tasks.fleet.show_schedule import show_schedule
from workers.failure import InvalidRequest, error_of

NOW = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
NIGHTLY: dict[str, Any] = {
    "name": "nightly",
    "task": "fleet.echo",
    "request": {"message": "good night"},
    "cron": "30 2 * * *",
    "timeZone": "Europe/Berlin",
}


class BookInMemory(ScheduleBook):
    """Keeps one tenant's schedules in a dict."""

    def __init__(self) -> None:
        self._kept: dict[str, Schedule] = {}

    def put(self, terms: ScheduleTerms, *, enabled: bool | None) -> Schedule:
        kept = Schedule(
            **vars(terms),
            tenant="acme",
            enabled=enabled is not False,
            created_at=NOW,
            updated_at=NOW,
        )
        self._kept[terms.name] = kept
        return kept

    def enable(self, name: str, *, enabled: bool) -> Schedule | None:
        if name in self._kept:
            self._kept[name] = replace(self._kept[name], enabled=enabled)
        return self.find(name)

    def remove(self, name: str) -> bool:
        return self._kept.pop(name, None) is not None

    def find(self, name: str) -> Schedule | None:
        return self._kept.get(name)

    def listed(self) -> list[Schedule]:
        return sorted(self._kept.values(), key=lambda each: each.name)


def run(declaration: Any, book: ScheduleBook, **request: Any) -> dict[str, Any]:
    """Run a task as it is asked for, and give its result as it is read."""
    asked = declaration.request.model_validate_json(json.dumps(request))
    result = declaration(asked, schedules=book, progress=unreported)
    told: dict[str, Any] = json.loads(result.model_dump_json())
    return told


def refused(**changes: Any) -> dict[str, str]:
    """What is said of the fields of a request that is refused."""
    with pytest.raises(ValidationError) as refusal:
        PutScheduleRequest.model_validate_json(json.dumps(NIGHTLY | changes))
    problems = error_of(InvalidRequest(refusal.value)).fields
    return {each.field: each.expected for each in problems}


def test_a_schedule_is_made_paused_resumed_shown_and_removed() -> None:
    """Each task says how the schedule stands after it."""
    book = BookInMemory()
    put = run(put_schedule, book, **NIGHTLY)

    assert put["missed"] == "runOnce"
    assert put["priority"] == "normal"
    assert run(pause_schedule, book, name="nightly")["nextRuns"] == []
    assert len(run(resume_schedule, book, name="nightly")["nextRuns"]) == 3
    assert run(show_schedule, book, name="nightly")["request"] == {"message": "good night"}
    [listed] = run(list_schedules, book)["schedules"]
    assert {**listed, "nextRuns": []} == {**put, "nextRuns": []}
    assert run(remove_schedule, book, name="nightly") == {"removed": True}
    assert run(remove_schedule, book, name="nightly") == {"removed": False}


def test_the_caller_sees_what_was_understood() -> None:
    """The next three runs are given in UTC, over the change of the clocks in that night."""
    terms = PutScheduleRequest.model_validate_json(json.dumps(NIGHTLY)).terms()
    schedule = BookInMemory().put(terms, enabled=None)

    state = ScheduleState.of(schedule, now=NOW)

    assert json.loads(state.model_dump_json())["nextRuns"] == [
        "2026-03-28T01:30:00Z",
        "2026-03-29T01:30:00Z",
        "2026-03-30T00:30:00Z",
    ]


def test_an_interval_counts_from_its_making() -> None:
    """The next runs lie on its grid, whenever one asks."""
    hourly = ScheduleTerms(name="hourly", task="fleet.echo", request="{}", every_seconds=3600)
    schedule = BookInMemory().put(hourly, enabled=None)

    state = ScheduleState.of(schedule, now=NOW + timedelta(minutes=150))

    assert state.next_runs == tuple(NOW + timedelta(hours=hours) for hours in (3, 4, 5))


@pytest.mark.parametrize("task", [pause_schedule, resume_schedule, show_schedule])
def test_a_schedule_that_there_is_not(task: Any) -> None:
    """The name is the caller's to change."""
    with pytest.raises(InvalidInput, match="name: expected the name of a schedule of this tenant"):
        run(task, BookInMemory(), name="nightly")


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"cron": "30 2 * *"}, "cron", "minute, hour, day of month, month and day of week"),
        ({"cron": "61 2 * * *"}, "cron", "minutes of 0 to 59"),
        ({"cron": None}, "everySeconds", "this or `cron`"),
        ({"everySeconds": 60}, "everySeconds", "this or `cron`"),
        ({"cron": None, "everySeconds": 0.5}, "everySeconds", "greater than or equal to 1"),
        ({"timeZone": "Europe/Bonn"}, "timeZone", "a name as in `Europe/Berlin`"),
        ({"name": "every second"}, "name", "a text like"),
        ({"missed": "runAll"}, "missed", "'skip' or 'runOnce'"),
        ({"request": []}, "request", "an object"),
    ],
    ids=str,
)
def test_what_no_clock_can_keep_is_refused(
    changes: dict[str, Any], field: str, expected: str
) -> None:
    """At the field where it is, in the words of the request."""
    assert refused(**changes)[field].startswith(expected)


def test_what_is_kept_of_a_request() -> None:
    """Everything that was said, with what is usual for the rest."""
    asked = NIGHTLY | {"missed": "skip", "priority": "low", "request": {"message": "Grüße"}}

    terms = PutScheduleRequest.model_validate_json(json.dumps(asked)).terms()

    assert terms == ScheduleTerms(
        name="nightly",
        task="fleet.echo",
        request='{"message": "Grüße"}',
        priority=Priority.LOW,
        cron="30 2 * * *",
        time_zone="Europe/Berlin",
        missed=Missed.SKIP,
    )
