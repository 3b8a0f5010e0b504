"""Jobs are submitted once, as they were meant, and what cannot be meant is said at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest

from queues.ledger import Job
from queues.ledger.audit import Action
from queues.names import submission_key
from tests.workers.gateway.conftest import RunningGateway

ECHO = "/v1/tasks/fleet.echo/jobs"


def row(running: RunningGateway, answer: httpx.Response) -> Job:
    """The ledger's row of a job that was just accepted: it is there at once."""
    job = running.gateway.ledger.get(UUID(answer.json()["id"]))
    assert job is not None
    return job


def test_options_reach_the_job(running: RunningGateway, client: httpx.Client) -> None:
    """Priority, delay, deadline and trace of the caller are those of the job."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = client.post(
        ECHO,
        json={"message": "later"},
        params={
            "priority": "low",
            "delaySeconds": "3600",
            "deadline": "2999-12-31T23:00:00+01:00",
        },
        headers={"traceparent": trace, "tracestate": "vendor=1"},
    )

    job = row(running, answer)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/jobs/{job.id}"
    assert (job.priority, job.tenant, job.request) == ("low", "acme", '{"message": "later"}')
    assert job.not_before is not None
    assert 3590 < (job.not_before - job.accepted_at).total_seconds() < 3610
    assert job.deadline is not None
    assert job.deadline.isoformat() == "2999-12-31T22:00:00+00:00"
    assert (job.headers["traceparent"], job.headers["tracestate"]) == (trace, "vendor=1")


def test_a_key_is_one_job(client: httpx.Client) -> None:
    """The same key and request is the same job; another request under it is refused."""
    keyed = {"Idempotency-Key": "one"}
    answers = [client.post(ECHO, json={"message": text}, headers=keyed) for text in ("a", "a", "b")]

    assert [answer.status_code for answer in answers] == [202, 200, 409]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].json()["submitted"] == "known"
    assert answers[2].json()["code"] == "id_conflict"


def test_a_key_is_one_job_however_many_ask_at_once(client: httpx.Client) -> None:
    """Of any number of requests with one key, one makes the job and the others find it."""
    keyed = {"Idempotency-Key": "at once"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: client.post(ECHO, json={}, headers=keyed), range(16)))

    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_key_outlives_redis(running: RunningGateway, client: httpx.Client) -> None:
    """What Redis has forgotten the ledger still knows to be the same job, or another."""
    keyed = {"Idempotency-Key": "for ever"}
    first = client.post(ECHO, json={"message": "a"}, headers=keyed)
    running.gateway.redis.delete(submission_key(first.json()["id"]))

    again = client.post(ECHO, json={"message": "a"}, headers=keyed)
    other = client.post(ECHO, json={"message": "b"}, headers=keyed)

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (other.status_code, other.json()["code"]) == (409, "id_conflict")


def test_a_submission_is_audited(running: RunningGateway, client: httpx.Client) -> None:
    """The trail says which token asked, and the ledger says the same of the job."""
    asked = client.post(ECHO, json={}, headers={"X-Request-Id": "from-the-backend"})
    job_id = UUID(asked.json()["id"])

    trail = {event.action: event for event in running.gateway.audit.events(job_id=job_id)}
    submitted = trail[Action.SUBMIT]
    assert submitted.actor == trail[Action.ACCEPTED].actor
    assert submitted.actor.startswith("gateway:")
    assert submitted.tenant == "acme"
    assert submitted.detail == {"task": "fleet.echo", "requestId": "from-the-backend"}
    assert asked.headers["X-Request-Id"] == "from-the-backend"


def test_a_refused_submission_is_no_act(running: RunningGateway, client: httpx.Client) -> None:
    """Where nothing was done, nothing is recorded."""
    keyed = {"Idempotency-Key": "conflict"}
    job_id = UUID(client.post(ECHO, json={"message": "a"}, headers=keyed).json()["id"])
    running.gateway.redis.set("unrelated", 1)
    before = len(running.gateway.audit.events(action=Action.SUBMIT))
    client.post(ECHO, json={"message": "b"}, headers=keyed)

    assert len(running.gateway.audit.events(action=Action.SUBMIT)) == before
    assert [each.job_id for each in running.gateway.audit.events(job_id=job_id, limit=1)] == [
        job_id
    ]


def test_fields_are_named_in_the_fleets_words(client: httpx.Client) -> None:
    """An unusable request is refused field by field, as a worker would have refused it."""
    answer = client.post(ECHO, json={"sleepSeconds": -1, "surprise": 1})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_request")
    assert problem["fields"] == [
        {
            "field": "sleepSeconds",
            "expected": "greater than or equal to 0",
            "received": "-1",
        },
        {"field": "surprise", "expected": "no field of this name", "received": "1"},
    ]
    assert problem["remedy"] == "change_request"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": ', "expected JSON in UTF-8"),
        (b"", "expected JSON in UTF-8"),
        (b'{"sleepSeconds": NaN}', "NaN is not JSON"),
        (b'{"sleepSeconds": 1e999}', "beyond the range of a double"),
        (b'{"message": "\xff"}', "expected JSON in UTF-8"),
        (b"[" * 100_000, "levels of nesting"),
    ],
)
def test_what_is_not_json_is_refused(client: httpx.Client, body: bytes, words: str) -> None:
    """A body that no reader of JSON should read is refused with the reason."""
    answer = client.post(ECHO, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b'{"message": "\\ud800"}'])
def test_what_is_no_request_is_refused(client: httpx.Client, body: bytes) -> None:
    """JSON that is no object, or holds half a character, is no request."""
    answer = client.post(ECHO, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_another_media_type_is_refused(client: httpx.Client, headers: dict[str, str]) -> None:
    """Bodies are JSON in UTF-8, as they are."""
    answer = client.post(ECHO, content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_an_unknown_task_is_named(client: httpx.Client) -> None:
    """A task that does not exist is refused with those that do."""
    answer = client.post("/v1/tasks/prism.guess/jobs", json={})

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_task")
    assert "fleet.echo" in answer.json()["detail"]


def test_a_task_takes_no_more_than_it_says(client: httpx.Client) -> None:
    """A request that fits the gateway and not its task is refused, blanks not counted."""
    text = json.dumps({"message": "x" * (1 << 20)})
    padded = json.dumps({"message": "x" * 100}) + " " * (2 << 20)
    answers = [
        client.post(ECHO, content=body, headers={"Content-Type": "application/json"})
        for body in (text, padded)
    ]

    assert [answer.status_code for answer in answers] == [413, 202]
    assert answers[0].json()["code"] == "too_large"


def test_a_large_body_is_not_read_whole(running: RunningGateway, client: httpx.Client) -> None:
    """A body without end is cut off at the limit, and so is one that announces its size."""
    limit = running.gateway.settings.max_body_bytes
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 20 * limit:
            sent += 1 << 16
            yield b" " * (1 << 16)

    headers = {"Content-Type": "application/json"}
    cut_off = client.post(ECHO, content=endless(), headers=headers)
    announced = client.post(ECHO, content=b" " * (limit + 1), headers=headers)

    assert [each.status_code for each in (cut_off, announced)] == [413, 413]
    assert cut_off.json()["code"] == announced.json()["code"] == "too_large"
    assert sent < 20 * limit


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("priority", "urgent"),
        ("delaySeconds", "nan"),
        ("deadline", "1700000000"),
        ("deadline", "2026-01-31T12:00:00"),
        ("deadline", "0001-01-01T00:00:00+23:59"),
        ("surprise", "1"),
    ],
)
def test_options_are_closed(client: httpx.Client, where: str, value: str) -> None:
    """A parameter that is unknown or cannot be used is refused by name."""
    answer = client.post(ECHO, json={}, params={where: value})

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["fields"]] == [where]
    assert value[:8] in answer.json()["detail"]


def test_a_trace_that_is_none_is_left_out(running: RunningGateway, client: httpx.Client) -> None:
    """What does not look like W3C trace context is not handed on."""
    answer = client.post(ECHO, json={}, headers={"traceparent": "x" * 300, "tracestate": "a=1"})

    headers: dict[str, Any] = row(running, answer).headers
    assert "traceparent" not in headers
    assert "tracestate" not in headers
