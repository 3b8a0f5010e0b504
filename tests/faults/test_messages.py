"""Whatever is pushed to a queue, the worker lives, the next job is served, and nothing vanishes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from queues.ledger import State
from queues.message import TaskMessage
from queues.names import Priority
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry, Submitted
from tests.fleet import FleetUnderTest, error_of, eventually


def frame(**changes: Any) -> dict[str, Any]:
    """A good message for `fleet.echo`, as JSON."""
    message = TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", request={})
    return message.to_frame() | changes


def body(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def with_header(name: str, value: object) -> dict[str, Any]:
    good = frame()
    return good | {"headers": good["headers"] | {name: value}}


def with_property(name: str, value: object) -> dict[str, Any]:
    good = frame()
    return good | {"properties": good["properties"] | {name: value}}


def without(part: str, name: str | None = None) -> dict[str, Any]:
    good = frame()
    if name is None:
        del good[part]
    else:
        del good[part][name]
    return good


EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}

MALFORMED: dict[str, tuple[Callable[[], object], str]] = {
    "nothing": (lambda: b"", "not_json"),
    "a word": (lambda: b"hello", "not_json"),
    "half a message": (lambda: json.dumps(frame())[:200].encode(), "not_json"),
    "not UTF-8": (lambda: b"\xff\xfe\x00", "not_json"),
    "a pickle": (lambda: b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00]\x94.", "not_json"),
    "NaN": (lambda: b'{"headers": NaN}', "not_json"),
    "infinity": (lambda: b'{"headers": 1e999}', "not_json"),
    "an endless integer": (lambda: b'{"headers": ' + b"9" * 5000 + b"}", "not_json"),
    "a deep nest": (lambda: b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    "null": (lambda: None, "bad_frame"),
    "a number": (lambda: 7, "bad_frame"),
    "a text": (lambda: "hello", "bad_frame"),
    "an array": (lambda: [], "bad_frame"),
    "an empty object": (lambda: {}, "bad_frame"),
    "no headers": (lambda: without("headers"), "bad_frame"),
    "headers null": (lambda: frame(headers=None), "bad_frame"),
    "headers an array": (lambda: frame(headers=[]), "bad_frame"),
    "no properties": (lambda: without("properties"), "bad_frame"),
    "properties a text": (lambda: frame(properties="x"), "bad_frame"),
    "no body": (lambda: without("body"), "bad_frame"),
    "body null": (lambda: frame(body=None), "bad_frame"),
    "body an object": (lambda: frame(body={}), "bad_frame"),
    "no task": (lambda: without("headers", "task"), "bad_frame"),
    "task a number": (lambda: with_header("task", 3), "bad_frame"),
    "task with a space": (lambda: with_header("task", "fleet echo"), "bad_frame"),
    "no id": (lambda: without("headers", "id"), "bad_frame"),
    "id a word": (lambda: with_header("id", "job-1"), "bad_frame"),
    "id in upper case": (lambda: with_header("id", str(uuid4()).upper()), "bad_frame"),
    "no delivery tag": (lambda: without("properties", "delivery_tag"), "bad_frame"),
    "delivery tag a number": (lambda: with_property("delivery_tag", 1), "bad_frame"),
    "an unknown encoding": (lambda: with_property("body_encoding", "gzip"), "bad_frame"),
    "pickled content": (
        lambda: frame(**{"content-type": "application/x-python-serialize"}),
        "bad_frame",
    ),
    "yaml content": (lambda: frame(**{"content-type": "application/x-yaml"}), "bad_frame"),
    "tenant with a slash": (lambda: with_header("tenant", "../x"), "bad_frame"),
    "eta a word": (lambda: with_header("eta", "tomorrow"), "bad_frame"),
    "expires a number": (lambda: with_header("expires", 60), "bad_frame"),
    "deadline an object": (lambda: with_header("deadline", {}), "bad_frame"),
    "retries below zero": (lambda: with_header("retries", -1), "bad_frame"),
    "retries a text": (lambda: with_header("retries", "3"), "bad_frame"),
    "limits a number": (lambda: with_header("timelimit", 5), "bad_frame"),
    "limits of words": (lambda: with_header("timelimit", ["a", "b"]), "bad_frame"),
    "body not base64": (lambda: frame(body="!!!"), "bad_body"),
    "body not JSON": (lambda: frame(body=base64.b64encode(b"{").decode()), "bad_body"),
    "body with NaN": (lambda: frame(body=base64.b64encode(b"[[],{},NaN]").decode()), "bad_body"),
    "body of two": (lambda: frame(body=body([[], {}])), "bad_body"),
    "body an object in base64": (lambda: frame(body=body({})), "bad_body"),
    "args an object": (lambda: frame(body=body([{}, {}, EMBED])), "bad_frame"),
    "kwargs an array": (lambda: frame(body=body([[], [], EMBED])), "bad_frame"),
    "a refusal": (lambda: with_header("task", "fleet.refuse"), "bad_frame"),
    "a merge": (lambda: with_header("task", "prism.simulate_scenario.merge"), "bad_frame"),
    "embed a text": (lambda: frame(body=body([[], {}, "x"])), "bad_frame"),
}


def raw(make: Callable[[], object]) -> bytes:
    made = make()
    return made if isinstance(made, bytes) else json.dumps(made).encode()


def test_malformed_messages(fleet: FleetUnderTest) -> None:
    """Each malformed message is put aside with its reason, and the job behind it is served."""
    worker = fleet.start(RISKFLEET_CPU_CONCURRENCY="1")
    children = [child.pid for child in worker.children()]
    served = []
    for make, _ in MALFORMED.values():
        fleet.redis.lpush("cpu", raw(make))
        served.append(fleet.submit({"message": "next"}))

    results = [fleet.stored(job_id)["status"] for job_id in served]
    reasons = [letter.reason for letter in fleet.dead_letters.newest(1000)]
    assert results == ["SUCCESS"] * len(MALFORMED)
    assert reasons[::-1] == [reason for _, reason in MALFORMED.values()]
    assert [child.pid for child in worker.children()] == children
    assert len(MALFORMED) >= 40
    eventually(fleet.is_quiet)


def test_malformed_upkeep(fleet: FleetUnderTest) -> None:
    """What beat would never send is put aside, and the worker that keeps house lives on."""
    worker = fleet.start("housekeeping")
    for malformed in (b"hello", b"{}", json.dumps(frame()).encode()):
        fleet.redis.lpush("housekeeping", malformed)

    eventually(lambda: fleet.dead_letters.count() == 3)
    fleet.beat_once("fleet.record_statistics")

    eventually(lambda: fleet.redis.llen("housekeeping") == 0)
    assert worker.is_alive


def test_replayed_dead_letter_is_judged_again(fleet: FleetUnderTest) -> None:
    """A dead letter that is replayed goes to the queue it came from, byte for byte."""
    fleet.start()
    fleet.redis.lpush("cpu", b"hello")
    eventually(lambda: fleet.dead_letters.count() == 1)
    first = fleet.dead_letters.newest()[0]

    assert fleet.dead_letters.replay(first.id)

    eventually(lambda: fleet.dead_letters.newest() and fleet.dead_letters.newest()[0].id > first.id)
    [second] = fleet.dead_letters.newest()
    assert (second.raw, second.reason) == (b"hello", "not_json")


@pytest.mark.parametrize(
    ("task", "request_", "headers", "code"),
    [
        ("fleet.unknown", {}, {}, "unknown_task"),
        ("celery.backend_cleanup", {}, {}, "unknown_task"),
        ("prism.simulate_scenario.evil", {}, {}, "unknown_task"),
        ("fleet.echo", {"massage": "typo"}, {}, "invalid_request"),
        ("fleet.echo", {"sleepSeconds": "1"}, {}, "invalid_request"),
        ("fleet.echo", {"sleepSeconds": -1}, {}, "invalid_request"),
        ("fleet.echo", {"message": "\ud800"}, {}, "invalid_request"),
        ("fleet.echo", [], {}, "invalid_request"),
        ("fleet.echo", None, {}, "invalid_request"),
        ("fleet.echo", {}, {"schema_hash": "0" * 16}, "outdated_client"),
        ("fleet.echo", {}, {"other_kwargs": {"extra": 1}}, "invalid_request"),
        ("fleet.echo", {}, {"args": [1]}, "invalid_request"),
        ("fleet.echo", {"message": "x" * 2_000_000}, {}, "too_large"),
        ("fleet.echo", {"fail": "changeRequest"}, {}, "invalid_request"),
        ("fleet.echo", {"fail": "callUs"}, {}, "internal"),
    ],
)
def test_refusals_reach_the_caller(
    shared_fleet: FleetUnderTest, task: str, request_: Any, headers: dict[str, Any], code: str
) -> None:
    """A message that can be read and not run ends as a failed job with a code and a reason."""
    message = shared_fleet.message(request_, task=task, **headers)
    shared_fleet.redis.lpush(message.list_key, message.to_wire())

    error = error_of(shared_fleet.stored(message.job_id))

    assert error["code"] == code, error
    assert error["message"]


def test_validation_names_every_field(shared_fleet: FleetUnderTest) -> None:
    """A refused request says which fields, what was expected, and what came."""
    job_id = shared_fleet.submit({"sleepSeconds": -1, "spinSeconds": True, "extra": None})

    error = error_of(shared_fleet.stored(job_id))

    assert [problem["field"] for problem in error["fields"]] == [
        "sleepSeconds",
        "spinSeconds",
        "extra",
    ]
    assert [problem["received"] for problem in error["fields"]] == ["-1", "True", "None"]


def test_a_megabyte_is_served_and_sixty_four_are_refused(shared_fleet: FleetUnderTest) -> None:
    """A megabyte goes through and back; 64 MB are refused with a reason, and kept out of memory."""
    fleet = shared_fleet
    served = fleet.submit({"message": "x" * 1_000_000})
    huge = fleet.message({"message": "x" * 64_000_000})
    fleet.redis.lpush(huge.list_key, huge.to_wire())

    assert len(fleet.stored(served)["result"]["message"]) == 1_000_000
    assert error_of(fleet.stored(huge.job_id))["code"] == "too_large"


def test_a_large_request_is_delivered_twice(shared_fleet: FleetUnderTest) -> None:
    """A request near the limit that is put back is not too large the second time."""
    fleet = shared_fleet
    message = fleet.message({"message": "ü" * 400_000, "fail": "wait"})
    fleet.redis.lpush(message.list_key, message.to_wire())

    error = error_of(fleet.stored(message.job_id))

    assert (error["code"], fleet.ended(message.job_id).attempt) == ("unavailable", 3)


def test_a_message_made_to_be_slow(shared_fleet: FleetUnderTest) -> None:
    """Unclosed text and deep brackets are read in no time, whatever their length."""
    fleet = shared_fleet
    before = fleet.dead_letters.count()
    fleet.redis.lpush("cpu", b"[" * 70 + b'"' + b'\\"' * 500_000)

    after = fleet.submit({"message": "next"})

    assert fleet.stored(after)["status"] == "SUCCESS"
    eventually(lambda: fleet.dead_letters.count() == before + 1)


def test_same_id_from_twenty_clients(shared_fleet: FleetUnderTest) -> None:
    """Twenty clients that submit the same id at once make one job that runs once."""
    fleet = shared_fleet
    message = fleet.message({"message": "one"})

    def submit(_: int) -> Submitted:
        client = connect(fleet.redis_server.url)
        return SubmissionRegistry(client).submit(message)

    with ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(submit, range(20)))

    assert sorted(answers) == [Submitted.CREATED] + [Submitted.KNOWN] * 19
    assert fleet.ended(message.job_id).attempt == 1
    assert fleet.kinds(message.job_id).count("running") == 1


def test_same_id_pushed_twice_by_careless_clients(shared_fleet: FleetUnderTest) -> None:
    """Two bare pushes of one id, or a push long after the end, give the one job's result."""
    fleet = shared_fleet
    message = fleet.message({"message": "one", "sleepSeconds": 0.2})
    for _ in range(3):
        fleet.redis.lpush(message.list_key, message.to_wire())
    fleet.ended(message.job_id)

    fleet.redis.delete(f"celery-task-meta-{message.job_id}")
    fleet.redis.lpush(message.list_key, message.to_wire())

    assert fleet.stored(message.job_id)["result"]["message"] == "one"
    assert fleet.kinds(message.job_id).count("running") == 1


def test_another_request_under_a_known_id(shared_fleet: FleetUnderTest) -> None:
    """An id belongs to its first request: another is refused, and the first keeps its result."""
    fleet = shared_fleet
    first = fleet.submit({"message": "first"})
    fleet.ended(first)

    again = fleet.message({"message": "second"}, job_id=first)

    assert fleet.submission(again) is Submitted.CONFLICT
    assert fleet.stored(first)["result"]["message"] == "first"


def test_a_constant_delivery_tag_loses_nothing(shared_fleet: FleetUnderTest) -> None:
    """Messages that share a delivery tag, as careless clients send them, are all served."""
    fleet = shared_fleet
    messages = [
        fleet.message({"message": str(n)}, delivery_tag="always-the-same") for n in range(20)
    ]
    for message in messages:
        fleet.redis.lpush(message.list_key, message.to_wire())

    states = {fleet.ended(message.job_id).state for message in messages}
    assert states == {State.SUCCEEDED}
    eventually(fleet.is_quiet)


def test_priorities(fleet: FleetUnderTest) -> None:
    """High goes before normal, normal before low; a message without a priority is normal."""
    waiting = [
        fleet.submit({"message": "low"}, priority=Priority.LOW),
        fleet.submit({"message": "normal"}),
        fleet.submit({"message": "high"}, priority=Priority.HIGH),
    ]
    bare = frame()
    del bare["properties"]["priority"]
    fleet.redis.lpush("cpu", json.dumps(bare))

    fleet.start(RISKFLEET_CPU_CONCURRENCY="1")

    low, normal, high = (fleet.ended(job_id) for job_id in waiting)
    none = fleet.ended(bare["headers"]["id"])
    order = sorted([low, normal, high, none], key=lambda job: job.claimed_at or job.accepted_at)
    assert order == [high, normal, none, low]
