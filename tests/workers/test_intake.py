"""What reaches Celery was rebuilt by us; whoever cannot be served is told, or put aside."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from queues.job_error import Code, JobError
from queues.message import TaskMessage, UnreadableMessage
from queues.names import Priority, Queue
from tasks.catalogue import by_name
from workers.intake import REFUSE, Intake
from workers.refusal import REFUSAL

JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10"
SIMULATE = "prism.simulate_scenario"
SHARD, MERGE = f"{SIMULATE}.shard", f"{SIMULATE}.merge"
TERMS = by_name()[SIMULATE].terms
HARD, SOFT = TERMS.hard_limit.total_seconds(), TERMS.soft_limit.total_seconds()
INTAKE = Intake(
    upkeep=frozenset({"fleet.reconcile"}),
    catalogue=by_name(),
    own_tasks={SHARD: by_name()[SIMULATE].shard, MERGE: by_name()[SIMULATE], REFUSE: REFUSAL},
    max_message_bytes=4 << 20,
    queues=frozenset(Queue),
)
WORKFLOW = {
    "callbacks": [{"task": "fleet.echo", "args": [], "kwargs": {}, "options": {}}],
    "errbacks": [{"task": "fleet.echo", "args": [], "kwargs": {}, "options": {}}],
    "chain": [{"task": "fleet.echo", "args": [], "kwargs": {}, "options": {}}],
    "chord": {"task": "fleet.echo", "args": [], "kwargs": {}, "options": {}},
}


def _frame(**fields: Any) -> dict[str, Any]:
    ordinary = {"task": SIMULATE, "job_id": JOB_ID, "queue": "cpu", "request": {"name": "x"}}
    return TaskMessage(**ordinary | fields).to_frame()


def _admit(frame: dict[str, Any], *, queue: str = "cpu", step: int = 0) -> dict[str, Any]:
    return INTAKE.admit(json.dumps(frame).encode(), queue=queue, step=step)


def _body(frame: dict[str, Any]) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    """What Celery reads in a frame: args, kwargs, and what is to follow."""
    args, kwargs, embed = json.loads(base64.b64decode(frame["body"]))
    return args, kwargs, embed


def _refusal(frame: dict[str, Any]) -> JobError:
    """The error of a message that was admitted to be refused."""
    assert frame["headers"]["task"] == REFUSE
    return JobError.model_validate(_body(frame)[1]["error"])


def test_a_job_passes() -> None:
    """Its task, id and request reach Celery as they were sent."""
    admitted = _admit(_frame(tenant="acme", schema_hash=by_name()[SIMULATE].schema_hash))

    assert (admitted["headers"]["task"], admitted["headers"]["id"]) == (SIMULATE, JOB_ID)
    assert admitted["headers"]["tenant"] == "acme"
    assert _body(admitted)[:2] == ([], {"request": {"name": "x"}})


@pytest.mark.parametrize("frame", [_frame(), _frame(request="x" * (4 << 20))])
def test_a_given_tag_is_kept(frame: dict[str, Any]) -> None:
    """A message that was taken in turn is in hand under its tag already, also one to refuse."""
    raw = json.dumps(frame).encode()

    admitted = INTAKE.admit(raw, queue="cpu", step=0, delivery_tag="ours")

    assert admitted["properties"]["delivery_tag"] == "ours"


def test_a_job_brings_no_workflow() -> None:
    """Chains, callbacks and chords of a sender would run what nobody checked."""
    admitted = _admit(_frame(embed=WORKFLOW))

    assert _body(admitted)[2] == dict.fromkeys(WORKFLOW)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ((None, None), [HARD, SOFT]),
        ((1e9, 1e9), [HARD, SOFT]),
        ((5, 3), [5, 3]),
        ((5, None), [5, SOFT]),
        ((None, 3), [HARD, 3]),
    ],
)
def test_limits_can_be_shortened_only(
    asked: tuple[float | None, float | None], granted: list[float]
) -> None:
    """A sender may ask for less time than the task has, never for more."""
    admitted = _admit(_frame(hard_limit_seconds=asked[0], soft_limit_seconds=asked[1]))

    assert admitted["headers"]["timelimit"] == granted


def test_nothing_else_of_a_stranger_survives() -> None:
    """What is not on the wire's page does not reach Celery, wherever it was put."""
    plain = _admit(_frame())
    frame = _frame()
    frame["headers"] |= {
        **{"group": "g", "group_index": 1, "parent_id": "p", "root_id": "r"},
        **{"parent_job": JOB_ID, "fence": 9, "shard": 0, "shards": 2},
        **{"stamps": {}, "stamped_headers": ["x"], "replaced_task_nesting": 1, "shadow": "x"},
        **{"ignore_result": True, "meth": "x", "argsrepr": "x" * 1000, "kwargsrepr": "secret"},
        **{"expires": None, "lang": "js", "properties": {}, "reply_to": "x", "anything": [1]},
    }
    frame["properties"] |= {
        **{"reply_to": "somewhere", "correlation_id": "other", "priority": 9},
        **{"delivery_info": {"exchange": "x", "routing_key": "housekeeping"}, "expiration": 1},
    }
    frame |= {"content-encoding": "gzip", "extra": 1}

    admitted = _admit(frame)

    tags = [each["properties"].pop("delivery_tag") for each in (plain, admitted)]
    assert admitted == plain
    assert len(set(tags)) == 2


def test_every_delivery_has_a_tag_of_its_own() -> None:
    """A sender that repeats a tag loses no job by it."""
    raw = json.dumps(_frame(delivery_tag="always the same")).encode()

    tags = {INTAKE.admit(raw, queue="cpu", step=0)["properties"]["delivery_tag"] for _ in range(10)}

    assert len(tags) == 10
    assert "always the same" not in tags


@pytest.mark.parametrize(("step", "given"), [(3, 3), (0, 0), (6, 6), (9, 6)])
def test_the_list_decides_the_priority(step: int, given: int) -> None:
    """What a message says of its priority is not asked; the lowest list counts as low."""
    admitted = _admit(_frame(priority=Priority.HIGH), step=step)

    assert admitted["properties"]["priority"] == given
    assert admitted["properties"]["delivery_info"] == {"exchange": "", "routing_key": "cpu"}


def test_what_a_sender_may_say_is_handed_on() -> None:
    """Times and trace context are the sender's to set."""
    noon = datetime(2027, 1, 31, 12, tzinfo=UTC)
    frame = _frame(not_before=noon, deadline=noon + timedelta(hours=1), traceparent="00-a-b-01")

    headers = _admit(frame)["headers"]

    assert (headers["eta"], headers["deadline"], headers["traceparent"]) == (
        "2027-01-31T12:00:00+00:00",
        "2027-01-31T13:00:00+00:00",
        "00-a-b-01",
    )


@pytest.mark.parametrize(
    ("fields", "code", "told"),
    [
        ({"task": "prism.guess"}, Code.UNKNOWN_TASK, "expected one of fleet.echo, fleet."),
        ({"task": "celery.backend_cleanup"}, Code.UNKNOWN_TASK, "celery.backend_cleanup"),
        ({"task": "fleet.reconcile"}, Code.UNKNOWN_TASK, "fleet.reconcile"),
        ({"schema_hash": "0123456789abcdef"}, Code.OUTDATED_CLIENT, "received 0123456789abcdef"),
        ({"request": "x" * (1 << 20)}, Code.TOO_LARGE, f"{SIMULATE} takes 1048576"),
        (
            {"expected": {"name": "x" * (1 << 20)}},
            Code.TOO_LARGE,
            "the request and expected have ",
        ),
        ({"expected": [1]}, Code.INVALID_REQUEST, "expected: an object"),
        ({"request": None}, Code.INVALID_REQUEST, "expected `request`, an object"),
        ({"request": [1]}, Code.INVALID_REQUEST, "expected `request`"),
        ({"args": [1]}, Code.INVALID_REQUEST, "no other argument"),
        ({"other_kwargs": {"x": 1}}, Code.INVALID_REQUEST, "no other argument"),
    ],
    ids=lambda value: value if isinstance(value, Code) else None,
)
def test_what_can_be_read_and_not_run_is_refused(
    fields: dict[str, Any], code: Code, told: str
) -> None:
    """Its caller learns why, under the job's own id: it runs as `fleet.refuse`."""
    admitted = _admit(_frame(**fields, embed=WORKFLOW, tenant="acme"))

    error = _refusal(admitted)
    args, kwargs, embed = _body(admitted)
    assert (error.code, error.remedy) == (code, code.remedy)
    assert told in error.message
    assert (admitted["headers"]["id"], admitted["headers"]["tenant"]) == (JOB_ID, "acme")
    assert (args, kwargs["task"]) == ([], fields.get("task", SIMULATE))
    assert embed == dict.fromkeys(WORKFLOW)


def test_a_job_on_another_pools_queue_is_refused() -> None:
    """The pool could not meet its needs; the right queue is named."""
    error = _refusal(_admit(_frame(queue="gpu"), queue="gpu"))

    assert error.code is Code.WRONG_QUEUE
    assert error.message == f"{SIMULATE}: expected queue cpu, received gpu"


def test_a_task_may_be_at_home_on_several_queues() -> None:
    """`fleet.echo` answers from every pool."""
    for queue in Queue:
        admitted = _admit(_frame(task="fleet.echo", queue=queue.value, request={}), queue=queue)
        assert admitted["headers"]["task"] == "fleet.echo"


def test_a_refusal_does_not_wait() -> None:
    """A caller that cannot be served at noon need not wait until noon to hear it."""
    later = datetime(2099, 1, 1, tzinfo=UTC)

    assert _admit(_frame(task="no.such", not_before=later))["headers"]["eta"] is None


def test_an_oversized_message_is_refused_and_its_body_is_not_read() -> None:
    """Its frame says whose it is; what made it too large is never decoded."""
    frame = _frame()
    frame["body"] = "no base64 \u00e9 {[" * (1 << 20)

    admitted = _admit(frame)

    error = _refusal(admitted)
    assert error.code is Code.TOO_LARGE
    assert "the limit is 4194304" in error.message
    assert admitted["headers"]["id"] == JOB_ID
    assert len(admitted["body"]) < 1000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not_json"),
        (b"{}", "bad_frame"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
        (b"x" * (5 << 20), "not_json"),
        (b"\xff" * (5 << 20), "not_json"),
        (b"[" * (5 << 20), "not_json"),
        (b'{"body": "' + b"x" * (5 << 20) + b'"}', "bad_frame"),
        (b'{"headers": {}, "properties": 1, "x": "' + b"x" * (5 << 20) + b'"}', "bad_frame"),
        (b"[1" + b" " * (5 << 20) + b"]", "bad_frame"),
        (b"9" * (5 << 20), "not_json"),
    ],
    ids=[
        "nothing",
        "an empty object",
        "too deep",
        "a long word",
        "long binary",
        "five million levels",
        "large and without headers",
        "large and without properties",
        "a large array",
        "five million digits",
    ],
)
def test_what_is_no_message_is_unreadable(raw: bytes, reason: str) -> None:
    """Without a sender to tell, the transport puts it aside with this reason."""
    with pytest.raises(UnreadableMessage) as unreadable:
        INTAKE.admit(raw, queue="cpu", step=0)

    assert unreadable.value.reason == reason


def test_a_shard_keeps_its_chord_and_nothing_else() -> None:
    """The fleet's own message goes through with what joins its shards."""
    chord = {"task": MERGE, "args": [], "kwargs": {"request": {}}, "options": {"task_id": JOB_ID}}
    lineage = {"group": "g", "parent_job": JOB_ID, "shard": 0, "shards": 2}
    frame = _frame(task=SHARD, embed=WORKFLOW | {"chord": chord}, lineage=lineage)

    admitted = _admit(frame)

    assert _body(admitted)[2] == dict.fromkeys(WORKFLOW) | {"chord": chord}
    assert {name: admitted["headers"][name] for name in lineage} == lineage


@pytest.mark.parametrize(
    "chord", [{"task": "fleet.echo"}, {"task": SHARD}, {}, [MERGE], MERGE, 7], ids=str
)
def test_a_shard_joins_no_other_merge(chord: Any) -> None:
    """A chord that leads elsewhere is not ours."""
    admitted = _admit(_frame(task=SHARD, embed={"chord": chord}))

    assert _body(admitted)[2] == dict.fromkeys(WORKFLOW)


def test_a_merge_keeps_its_arguments() -> None:
    """The outcomes of the shards come as its first argument, under the fence of the job."""
    outcomes = [{"result": "1", "error": None}, {"result": "2", "error": None}]
    frame = _frame(task=MERGE, args=[outcomes], lineage={"fence": 3}, embed=WORKFLOW)

    admitted = _admit(frame)

    assert _body(admitted) == ([outcomes], {"request": {"name": "x"}}, dict.fromkeys(WORKFLOW))
    assert admitted["headers"]["fence"] == 3


def test_a_refusal_that_comes_again_is_the_same() -> None:
    """Put back because the ledger was away, it is not judged anew."""
    first = _admit(_frame(task="no.such"))

    again = _admit(first)

    assert _body(again) == _body(first)
    assert again["headers"] == first["headers"] | {"timelimit": [660.0, 600.0]}
