"""Schedules over HTTP are those of the token's tenant."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from queues.ledger import schedules
from queues.ledger.audit import Action
from tests.workers.gateway.conftest import RunningGateway

DAILY = {"task": "fleet.echo", "request": {"message": "tick"}, "cron": "0 6 * * *"}


@pytest.fixture
def daily(client: httpx.Client) -> str:
    """A schedule of acme's."""
    answer = client.put("/v1/schedules/daily", json=DAILY)
    assert answer.status_code == 200, answer.text
    return "/v1/schedules/daily"


def test_a_schedule_is_made_changed_paused_and_removed(
    running: RunningGateway, client: httpx.Client, daily: str
) -> None:
    """Each step is seen by the next, is in the ledger, and is on record."""
    made = client.get(daily).json()
    changed = client.put(daily, json={**DAILY, "timeZone": "Europe/Berlin"}).json()
    paused = client.post(f"{daily}/pause").json()
    resumed = client.post(f"{daily}/resume").json()
    listed = client.get("/v1/schedules").json()["schedules"]
    kept = schedules.find(running.gateway.ledger.engine, "acme", "daily")
    removed = client.delete(daily)
    gone = [client.get(daily), client.delete(daily), client.post(f"{daily}/pause")]

    assert (made["request"], made["schedule"]["cron"]) == ({"message": "tick"}, "0 6 * * *")
    assert len(made["schedule"]["nextRuns"]) == 3
    assert changed["timeZone"] == "Europe/Berlin"
    assert (paused["enabled"], paused["nextRuns"], resumed["enabled"]) == (False, [], True)
    assert [schedule["name"] for schedule in listed] == ["daily"]
    assert kept is not None
    assert removed.status_code == 204
    assert [each.status_code for each in gone] == [404] * 3
    acts = [event.action for event in running.gateway.audit.events(tenant="acme", limit=5)]
    assert acts == [
        Action.REMOVE_SCHEDULE,
        Action.RESUME_SCHEDULE,
        Action.PAUSE_SCHEDULE,
        Action.PUT_SCHEDULE,
        Action.PUT_SCHEDULE,
    ]


def test_another_tenants_schedule_is_not_there(running: RunningGateway, daily: str) -> None:
    """A name is a tenant's own: another sees nothing of it, and may use it for itself."""
    with running.client(tenant="other") as stranger:
        read, removed = stranger.get(daily), stranger.delete(daily)
        stranger.put(daily, json={**DAILY, "cron": "0 7 * * *"})

    ours = schedules.find(running.gateway.ledger.engine, "acme", "daily")
    assert (read.status_code, removed.status_code) == (404, 404)
    assert ours is not None
    assert ours.cron == "0 6 * * *"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cron": "whenever"}, "cron"),
        ({"everySeconds": 60}, "everySeconds"),
        ({"task": "prism.guess"}, "task"),
        ({"request": {"surprise": 1}}, "request.surprise"),
        ({"name": "another"}, "name"),
    ],
)
def test_a_schedule_that_could_not_run_is_refused(
    client: httpx.Client, change: dict[str, Any], field: str
) -> None:
    """What would fail each time is refused once, by its field."""
    answer = client.put("/v1/schedules/wrong", json={**DAILY, **change})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [problem["field"] for problem in answer.json()["fields"]] == [field]
