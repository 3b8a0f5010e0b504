"""Jobs over HTTP: read, listed, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from queues.ledger.audit import Action
from tests.fleet import FleetUnderTest, eventually
from tests.workers.gateway.conftest import RunningGateway

ECHO = "/v1/tasks/fleet.echo/jobs"


def sent(client: httpx.Client, **request: Any) -> str:
    """Submit an echo; gives the job's address."""
    answer = client.post(ECHO, json=request)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def ended(client: httpx.Client, job: str) -> dict[str, Any]:
    """Wait until a job has ended."""

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(job).json()
        return found if found["finishedAt"] else None

    return eventually(look)


def test_a_job_is_followed_to_its_result(client: httpx.Client) -> None:
    """A job asked for over HTTP runs, and its address gives what became of it."""
    address = sent(client, message="hello")

    job = ended(client, address)
    result = client.get(f"{address}/result")

    assert (job["task"], job["state"], job["attempt"]) == ("fleet.echo", "succeeded", 1)
    assert job["result"] == result.json() == {"message": "hello", "allocatedBytes": 0}
    assert job["error"] is None
    assert job["acceptedAt"] <= job["startedAt"] <= job["finishedAt"]


def test_a_running_job_tells_how_far_it_is(client: httpx.Client) -> None:
    """While a job runs its progress is read, its result is not there yet, and it can be ended."""
    address = sent(client, sleepSeconds=600)

    job = eventually(lambda: (found := client.get(address).json())["progress"] and found)
    result = client.get(f"{address}/result")
    asked = client.post(f"{address}/cancel", params={"reason": "not needed"})
    cancelled = ended(client, address)
    again = client.post(f"{address}/cancel")
    no_result = client.get(f"{address}/result")

    assert (job["state"], job["result"]) == ("running", None)
    assert 0 <= job["progress"]["fraction"] < 1
    assert (result.status_code, result.json()["code"]) == (409, "unfinished")
    assert int(result.headers["Retry-After"]) > 0
    assert (asked.status_code, asked.json()["state"]) == (202, "running")
    assert (cancelled["state"], cancelled["error"]["message"]) == ("cancelled", "not needed")
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    assert (no_result.status_code, no_result.json()["code"]) == (409, "cancelled")


def test_a_cancellation_is_audited(running: RunningGateway, client: httpx.Client) -> None:
    """The trail says who ended a job and why; asking after its end is no act."""
    address = sent(client, sleepSeconds=600)
    client.post(f"{address}/cancel", params={"reason": "wrong portfolio"})
    ended(client, address)
    client.post(f"{address}/cancel", params={"reason": "once more"})

    job_id = UUID(address.rpartition("/")[2])
    acts = running.gateway.audit.events(job_id=job_id, action=Action.CANCEL)
    assert [(act.tenant, act.detail) for act in acts] == [("acme", {"reason": "wrong portfolio"})]


def test_a_failed_job_says_why(client: httpx.Client) -> None:
    """The error of a job is the fleet's own, in the job and in place of its result."""
    address = sent(client, fail="changeRequest")

    job = ended(client, address)
    result = client.get(f"{address}/result")

    error = job["error"]
    assert (job["state"], error["code"], error["remedy"]) == (
        "failed",
        "invalid_request",
        "change_request",
    )
    assert (result.status_code, result.json()["fields"]) == (409, error["fields"])
    assert error["fields"][0]["field"] == "fail"


@pytest.fixture(scope="session")
def lister(running: RunningGateway) -> Iterator[httpx.Client]:
    """A tenant with seven jobs, one of which failed."""
    with running.client(tenant="lister") as client:
        for number in range(6):
            ended(client, sent(client, message=str(number)))
        ended(client, sent(client, fail="changeRequest"))
        yield client


def test_jobs_are_listed_page_by_page(lister: httpx.Client) -> None:
    """Every job is on one page, the latest first, whatever is submitted in between."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor:
        page = lister.get("/v1/jobs", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        pages.append([job["id"] for job in page.json()["jobs"]])
        cursor = page.json()["next"]
        if len(pages) == 1:
            ended(lister, sent(lister, message="in between"))

    whole = [job["id"] for job in lister.get("/v1/jobs").json()["jobs"]]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [job for page in pages for job in page] == whole[1:]


def test_jobs_are_listed_by_state_and_task(lister: httpx.Client) -> None:
    """Filters hold for all that is listed."""
    failed = lister.get("/v1/jobs", params={"state": "failed"}).json()["jobs"]
    other = lister.get("/v1/jobs", params={"task": "prism.simulate_scenario"}).json()["jobs"]
    echoes = lister.get("/v1/jobs", params={"task": "fleet.echo", "state": "failed"}).json()["jobs"]

    assert [job["state"] for job in failed] == ["failed"]
    assert (other, echoes) == ([], failed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cursor", "nonsense"),
        ("cursor", "MjAyNg"),
        ("limit", "0"),
        ("state", "lost"),
        ("page", "2"),
    ],
)
def test_a_list_is_asked_for_as_it_can_be(client: httpx.Client, name: str, value: str) -> None:
    """A parameter that is unknown or cannot be used is refused by name."""
    answer = client.get("/v1/jobs", params={name: value})

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["fields"]] == [name]


def test_a_job_of_another_way_in_is_there(
    gateway_fleet: FleetUnderTest, client: httpx.Client
) -> None:
    """A job that a backend sent through Redis is its tenant's over HTTP too, within a second."""
    job_id = gateway_fleet.submit({"message": "from the backend"}, tenant="acme")

    job = eventually(
        lambda: (found := client.get(f"/v1/jobs/{job_id}")).status_code == 200 and found.json()
    )

    assert job["id"] == job_id


def test_tasks_are_listed(client: httpx.Client) -> None:
    """What can be asked for is listed, with its bounds."""
    tasks = {task["name"]: task for task in client.get("/v1/tasks").json()["tasks"]}

    assert tasks["fleet.echo"]["maxRequestBytes"] == 1 << 20
    assert tasks["fleet.echo"]["queue"] == "cpu"


def test_what_is_not_there_is_a_problem(client: httpx.Client) -> None:
    """A path nobody serves and a method it does not have are told like any other mistake."""
    nowhere = client.get("/v1/nothing")
    deleted = client.delete("/v1/jobs")
    options = client.options("/v1/jobs")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert (deleted.status_code, deleted.json()["code"]) == (405, "method_not_allowed")
    assert (deleted.headers["Allow"], options.headers["Allow"]) == ("GET", "GET")
    assert (options.status_code, options.content) == (204, b"")


def test_head_is_get_without_a_body(client: httpx.Client) -> None:
    """What answers GET answers HEAD."""
    answer = client.head("/v1/tasks")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_answers_give_nothing_away(client: httpx.Client) -> None:
    """No answer names the server, is cached, sniffed or framed, or is open to other origins."""
    headers = client.get("/v1/tasks", headers={"Origin": "https://example.com"}).headers

    assert "server" not in headers
    assert not [name for name in headers if name.startswith("access-control-")]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
