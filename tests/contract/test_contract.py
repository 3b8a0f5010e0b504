"""The files that other languages build on say what the code says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queues.events import JobEvent
from queues.job_error import Code, JobError
from queues.message import TaskMessage, job_id_for
from queues.names import PRIORITY_STEP, Priority
from queues.request_hash import request_hash
from tasks.catalogue import CATALOGUE, by_name
from tasks.declaration import Declaration
from tasks.payload import MAX_SAFE_INTEGER, Payload
from workers import contract

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / contract.FOLDER / "golden"


def read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    return cases


def names(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"] for case in cases]


def integers(schema: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every place in a schema where an integer may stand."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and "enum" not in schema and "const" not in schema:
            yield path, schema
        for key, value in schema.items():
            yield from integers(value, f"{path}.{key}")
    if isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from integers(item, f"{path}.{index}")


def test_the_checked_in_files_are_up_to_date() -> None:
    """Whoever changes a task changes the contract with it: run `fleet contract`."""
    assert contract.differences(ROOT) == []


def test_what_was_written_has_no_differences(tmp_path: Path) -> None:
    """`write` and `differences` agree."""
    contract.write(tmp_path)

    assert contract.differences(tmp_path) == []


def test_each_kind_of_difference_is_found(tmp_path: Path) -> None:
    """A missing, an edited and a forgotten file are each named."""
    contract.write(tmp_path)
    folder = tmp_path / contract.FOLDER
    (folder / "schema.json").unlink()
    (folder / "golden/events.json").write_text("[]")
    (folder / "golden/old.json").write_text("[]")

    assert contract.differences(tmp_path) == [
        "clients/contract/golden/events.json",
        "clients/contract/golden/old.json",
        "clients/contract/schema.json",
    ]


def test_every_integer_is_exact_in_javascript() -> None:
    """Every integer that crosses the wire has bounds within 2^53 - 1."""
    unbounded = [
        path
        for path, schema in integers(contract.schema()["$defs"], "$defs")
        if schema.get("maximum", schema.get("exclusiveMaximum", float("inf"))) > MAX_SAFE_INTEGER
        or schema.get("minimum", schema.get("exclusiveMinimum", float("-inf"))) < -MAX_SAFE_INTEGER
    ]

    assert unbounded == []


@pytest.mark.parametrize("declaration", CATALOGUE, ids=lambda declaration: declaration.name)
def test_a_task_is_described(declaration: Declaration) -> None:
    """A task has a name of the form `domain.verb_object`, a summary, and types that exist."""
    schema = contract.schema()
    task = schema["tasks"][declaration.name]

    assert re.fullmatch(r"[a-z][a-z0-9]*\.[a-z][a-z0-9]*(_[a-z0-9]+)*", declaration.name)
    assert task["summary"].endswith(".")
    assert {task["request"], task["result"]} <= schema["$defs"].keys()
    assert task["schemaHash"] == declaration.schema_hash


def test_two_types_of_one_name_are_refused() -> None:
    """A client could not tell them apart, so the contract is not written."""

    class EchoRequest(Payload):
        other: bool

    echo = by_name()["fleet.echo"]
    twin = replace(echo, name="fleet.twin", request=EchoRequest)

    with pytest.raises(ValueError, match=r"both have a type called EchoRequest"):
        contract.schema([echo, twin])


@pytest.mark.parametrize("case", read("messages.json"), ids=names(read("messages.json")))
def test_a_golden_message_is_read_as_it_was_given(case: dict[str, Any]) -> None:
    """What a client sends by the contract is what the fleet understands."""
    given = case["given"]
    read_back = TaskMessage.from_frame(
        case["message"], queue=given["queue"], priority=Priority(given["priority"])
    )

    assert (given["task"], given["id"], given["tenant"], given["request"]) == (
        read_back.task,
        read_back.job_id,
        read_back.tenant,
        read_back.request,
    )
    assert case["message"]["properties"]["priority"] == PRIORITY_STEP[read_back.priority]
    assert case["list"] == read_back.list_key
    assert case["requestHash"] == request_hash(
        task=read_back.task, tenant=read_back.tenant, request=read_back.request
    )


def test_golden_job_ids_follow_from_their_keys() -> None:
    """An idempotency key makes the same id in every language."""
    for case in read("job-ids.json"):
        assert case["jobId"] == job_id_for(
            tenant=case["tenant"], task=case["task"], idempotency_key=case["idempotencyKey"]
        )


def test_golden_events_are_events() -> None:
    """The examples of events are read by the fleet's own type."""
    for case in read("events.json"):
        assert case == JobEvent.model_validate(case).model_dump(mode="json", by_alias=True)


def test_golden_results_show_every_code() -> None:
    """There is an example of each way to fail, with the remedy that belongs to it."""
    failures = [
        JobError.model_validate(case["meta"]["result"]["exc_message"][0])
        for case in read("results.json")
        if case["meta"]["status"] == "FAILURE"
    ]

    assert {failure.code: failure.remedy for failure in failures} == {
        code: code.remedy for code in Code
    }
