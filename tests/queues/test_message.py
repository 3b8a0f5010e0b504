"""A message is what its sender meant, or unreadable with a reason; there is no third."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.message import MAX_DEPTH, TaskMessage, UnreadableMessage, job_id_for
from queues.names import Priority

JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
WORKFLOW = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}

# Half a surrogate pair is left out: next to the other half it is read back as one character.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
OBJECTS = st.dictionaries(TEXTS, JSON_VALUES, max_size=4)
PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=256)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-9)), timezone(timedelta(hours=5.5))])
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001
LIMITS = st.none() | st.floats(0.001, 1e6)
MESSAGES = st.builds(
    TaskMessage,
    task=st.from_regex(r"[A-Za-z0-9._]{1,128}", fullmatch=True),
    job_id=st.uuids().map(str),
    queue=st.sampled_from(["cpu", "gpu"]),
    request=JSON_VALUES,
    tenant=st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
    priority=st.sampled_from(Priority),
    not_before=st.none() | MOMENTS,
    deadline=st.none() | MOMENTS,
    schema_hash=st.none() | PRINTABLE,
    traceparent=st.none() | PRINTABLE,
    tracestate=st.none() | PRINTABLE,
    hard_limit_seconds=LIMITS,
    soft_limit_seconds=LIMITS,
    retries=st.integers(0, 1_000_000),
    origin=PRINTABLE,
    args=st.lists(JSON_VALUES, max_size=3),
    other_kwargs=st.dictionaries(TEXTS.filter(lambda name: name != "request"), JSON_VALUES),
    embed=st.dictionaries(st.sampled_from(sorted(WORKFLOW)), JSON_VALUES.filter(bool)),
)


def _read(raw: bytes | str) -> TaskMessage:
    return TaskMessage.from_wire(raw, queue="cpu", priority=Priority.NORMAL)


def _frame(**changes: Any) -> dict[str, Any]:
    """A good message; `headers__id=...` changes a part of it, `...` takes the part away."""
    message = TaskMessage(task="fleet.echo", job_id=JOB_ID, queue="cpu", request={"message": "hi"})
    frame = message.to_frame()
    for path, value in changes.items():
        place, *inner = path.replace("content_", "content-").split("__")
        parent, name = (frame[place], inner[0]) if inner else (frame, place)
        if value is ...:
            del parent[name]
        else:
            parent[name] = value
    return frame


def _wire(**changes: Any) -> str:
    return json.dumps(_frame(**changes))


def _with_body(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return _wire(body=base64.b64encode(raw).decode())


def _nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@given(MESSAGES)
def test_what_is_sent_is_read(message: TaskMessage) -> None:
    """Everything a sender may say arrives; the tag is for the road, the lineage is Celery's."""
    read = TaskMessage.from_wire(message.to_wire(), queue=message.queue, priority=message.priority)

    as_sent = replace(read, lineage={}, request_bytes=0, delivery_tag=message.delivery_tag)
    assert as_sent == message


@given(st.binary())
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    """Whatever lies on a list, reading it ends in one of two ways."""
    with pytest.raises(UnreadableMessage):
        _read(raw)


@given(JSON_VALUES.map(json.dumps))
def test_any_json_is_read_or_unreadable(raw: str) -> None:
    """JSON that is no message says so."""
    with pytest.raises(UnreadableMessage):
        _read(raw)


PLACES = [
    *("body", "headers", "properties", "content_type", "content_encoding"),
    *(f"headers__{name}" for name in _frame()["headers"]),
    *("headers__deadline", "headers__traceparent", "headers__schema_hash", "headers__tracestate"),
    *("headers__group_index", "headers__fence", "headers__parent_job", "headers__shard"),
    *(f"properties__{name}" for name in _frame()["properties"]),
]
NASTY = st.sampled_from(
    [[None, 1], [1], ["1", "2"], "\ud800", 10**300, "2026-01-31T12:00:00", "0001-01-01T00:00+14:00"]
)


@given(place=st.sampled_from(PLACES), value=JSON_VALUES | NASTY)
def test_a_wrong_part_is_read_or_unreadable(place: str, value: Any) -> None:
    """Any value in any place gives a message that can be sent on, or the one exception."""
    try:
        message = _read(_wire(**{place: value}))
    except UnreadableMessage:
        return

    assert _read(message.to_wire()).job_id == message.job_id


@given(JSON_VALUES)
def test_any_body_is_read_or_unreadable(body: Any) -> None:
    """The body is as little trusted as what is around it."""
    try:
        message = _read(_with_body(json.dumps(body)))
    except UnreadableMessage:
        return

    assert _read(message.to_wire()).request == message.request


MALFORMED = {
    # The text itself
    "nothing": (b"", "not_json", "Expecting value"),
    "a word": (b"hello", "not_json", "Expecting value"),
    "cut off": (_wire()[:-1], "not_json", "Expecting"),
    "two messages": (_wire() * 2, "not_json", "Extra data"),
    "not UTF-8": (b'"\xff"', "not_json", "invalid start byte"),
    "UTF-16": (_wire().encode("utf-16"), "not_json", "invalid start byte"),
    "a byte order mark": (b"\xef\xbb\xbf" + _wire().encode(), "not_json", "BOM"),
    "pickle": (b"\x80\x04K\x01.", "not_json", "invalid start byte"),
    "NaN": ('{"headers": NaN}', "not_json", "NaN is not JSON"),
    "Infinity": ('{"headers": Infinity}', "not_json", "Infinity is not JSON"),
    "-Infinity": ('{"headers": -Infinity}', "not_json", "-Infinity is not JSON"),
    "1e999": ('{"headers": 1e999}', "not_json", "1e999 is beyond the range of a double"),
    "-1e999": ("[-1e999]", "not_json", "-1e999 is beyond the range of a double"),
    "5000 digits": ("9" * 5000, "not_json", "4300"),
    "a single quote": ("{'headers': 1}", "not_json", "Expecting property name"),
    "a control character": ('{"headers": "\n"}', "not_json", "Invalid control character"),
    "65 levels": (_nested(MAX_DEPTH + 1), "too_deep", "at most 64 levels"),
    "a million levels": ("[" * 1_000_000, "too_deep", "at most 64 levels"),
    "a million objects": ('{"a":' * 1_000_000, "too_deep", "at most 64 levels"),
    # The frame
    "null": ("null", "bad_frame", "the message: expected an object, got nothing"),
    "a number": ("42", "bad_frame", "the message: expected an object, got 42"),
    "an array": ("[1]", "bad_frame", "the message: expected an object, got [1]"),
    "an empty object": ("{}", "bad_frame", "headers: expected an object, got nothing"),
    "protocol 1": (
        json.dumps({"task": "fleet.echo", "id": JOB_ID, "args": [], "kwargs": {}}),
        "bad_frame",
        "headers: expected an object, got nothing",
    ),
    "headers as an array": (_wire(headers=[]), "bad_frame", "headers: expected an object, got []"),
    "no properties": (_wire(properties=...), "bad_frame", "properties: expected an object"),
    "properties as text": (_wire(properties="x"), "bad_frame", "properties: expected an object"),
    "no delivery tag": (
        _wire(properties__delivery_tag=...),
        "bad_frame",
        "properties.delivery_tag: expected a text, got nothing",
    ),
    "a number as delivery tag": (
        _wire(properties__delivery_tag=7),
        "bad_frame",
        "properties.delivery_tag: expected a text, got 7",
    ),
    "pickle as content type": (
        _wire(content_type="application/x-python-serialize"),
        "bad_frame",
        "content-type: expected JSON, got 'application/x-python-serialize'",
    ),
    "a content type that is no text": (_wire(content_type=[]), "bad_frame", "content-type"),
    # Who and what
    "no task": (_wire(headers__task=...), "bad_frame", "headers.task: expected a task name"),
    "an empty task": (_wire(headers__task=""), "bad_frame", "headers.task"),
    "a task with a slash": (_wire(headers__task="../x"), "bad_frame", "headers.task"),
    "a task with a newline": (_wire(headers__task="fleet.echo\n"), "bad_frame", "headers.task"),
    "a number as task": (_wire(headers__task=1), "bad_frame", "headers.task"),
    "a task of 129 letters": (_wire(headers__task="t" * 129), "bad_frame", "headers.task"),
    "no id": (_wire(headers__id=...), "bad_frame", "headers.id: expected a text, got nothing"),
    "an id in upper case": (_wire(headers__id=JOB_ID.upper()), "bad_frame", "in lower case"),
    "an id in braces": (_wire(headers__id=f"{{{JOB_ID}}}"), "bad_frame", "headers.id"),
    "an id as a URN": (_wire(headers__id=f"urn:uuid:{JOB_ID}"), "bad_frame", "headers.id"),
    "an id without dashes": (_wire(headers__id=JOB_ID.replace("-", "")), "bad_frame", "UUID"),
    "an id that is no UUID": (_wire(headers__id="job-1"), "bad_frame", "got 'job-1'"),
    "an id in other digits": (_wire(headers__id="\uff11" * 32), "bad_frame", "headers.id"),
    "a number as id": (_wire(headers__id=12), "bad_frame", "headers.id: expected a text, got 12"),
    "half a pair as id": (_wire(headers__id="\ud800"), "bad_frame", "headers.id"),
    "a tenant with a space": (_wire(headers__tenant="a b"), "bad_frame", "headers.tenant"),
    "a tenant of 65": (_wire(headers__tenant="a" * 65), "bad_frame", "1 to 64 letters"),
    "an empty tenant": (_wire(headers__tenant=""), "bad_frame", "headers.tenant"),
    "a tenant that is no text": (_wire(headers__tenant={"a": 1}), "bad_frame", "headers.tenant"),
    # When, how long, how often
    "an eta in words": (
        _wire(headers__eta="tomorrow"),
        "bad_frame",
        "headers.eta: expected a time",
    ),
    "an eta as a number": (_wire(headers__eta=1.5), "bad_frame", "headers.eta: expected a text"),
    "the 30th of February": (_wire(headers__eta="2026-02-30T12:00Z"), "bad_frame", "headers.eta"),
    "the year 10000": (_wire(headers__deadline="10000-01-01T00:00Z"), "bad_frame", "deadline"),
    "before the first year": (
        _wire(headers__deadline="0001-01-01T00:00:00+14:00"),
        "bad_frame",
        "headers.deadline: expected a time in ISO 8601",
    ),
    "expires as a duration": (_wire(headers__expires=60), "bad_frame", "headers.expires"),
    "huge retries": (
        _wire(headers__retries=10**18),
        "bad_frame",
        "headers.retries: expected a small",
    ),
    "negative retries": (_wire(headers__retries=-1), "bad_frame", "got -1"),
    "true as retries": (_wire(headers__retries=True), "bad_frame", "got True"),
    "retries as text": (_wire(headers__retries="1"), "bad_frame", "got '1'"),
    "retries as a fraction": (_wire(headers__retries=0.5), "bad_frame", "got 0.5"),
    "one limit": (_wire(headers__timelimit=[1]), "bad_frame", "expected [hard, soft]"),
    "a limit in words": (_wire(headers__timelimit=["1h", None]), "bad_frame", "headers.timelimit"),
    "true as limit": (_wire(headers__timelimit=[True, None]), "bad_frame", "headers.timelimit"),
    "no time at all": (_wire(headers__timelimit=[0, 0]), "bad_frame", "headers.timelimit"),
    "limits as an object": (_wire(headers__timelimit={}), "bad_frame", "expected an array"),
    # The body
    "no body": (_wire(body=...), "bad_frame", "body: expected a text, got nothing"),
    "a body that is no text": (_wire(body=[[], {}, {}]), "bad_frame", "body: expected a text"),
    "bad base64": (_wire(body="W10*"), "bad_body", "body: expected base64"),
    "base64 without its end": (_wire(body="W1t"), "bad_body", "padding"),
    "base64 in another alphabet": (_wire(body="é" * 4), "bad_body", "body: expected base64"),
    "an unknown encoding": (
        _wire(properties__body_encoding="gzip"),
        "bad_frame",
        "properties.body_encoding: expected base64, got 'gzip'",
    ),
    "plain text with half a pair": (
        _wire(properties__body_encoding=None, body="\ud800"),
        "bad_body",
        "body: expected text in UTF-8",
    ),
    "an empty body": (_with_body(""), "bad_body", "Expecting value"),
    "a body not in UTF-8": (_with_body(b'[[], {"request": "\xe9"}, {}]'), "bad_body", "UTF-8"),
    "a body with NaN": (_with_body("[[], {}, NaN]"), "bad_body", "NaN is not JSON"),
    "a body with 1e999": (_with_body('[[], {"request": 1e999}, {}]'), "bad_body", "1e999"),
    "a body with 5000 digits": (_with_body(f"[[], {'9' * 5000}, {{}}]"), "bad_body", "4300"),
    "a body too deep": (_with_body(f"[[{_nested(80)}], {{}}, {{}}]"), "too_deep", "64 levels"),
    "a body of two": (_with_body("[[], {}]"), "bad_body", "expected [args, kwargs, embed]"),
    "a body of four": (_with_body("[[], {}, {}, {}]"), "bad_body", "[args, kwargs, embed]"),
    "a body that is an object": (
        _with_body('{"request": {}}'),
        "bad_body",
        "[args, kwargs, embed]",
    ),
    "args as an object": (_with_body("[{}, {}, {}]"), "bad_frame", "args: expected an array"),
    "args as text": (_with_body('["ab", {}, {}]'), "bad_frame", "args: expected an array"),
    "kwargs as an array": (_with_body("[[], [], {}]"), "bad_frame", "kwargs: expected an object"),
    "kwargs as null": (_with_body("[[], null, {}]"), "bad_frame", "kwargs: expected an object"),
    "a workflow as an array": (
        _with_body("[[], {}, []]"),
        "bad_frame",
        "embed: expected an object",
    ),
    "a workflow as text": (_with_body('[[], {}, "chain"]'), "bad_frame", "embed"),
}


@pytest.mark.parametrize(("raw", "reason", "detail"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_message_says_why(raw: bytes | str, reason: str, detail: str) -> None:
    """Each malformed shape has its reason, and a detail that names the place."""
    with pytest.raises(UnreadableMessage) as unreadable:
        _read(raw)

    assert unreadable.value.reason == reason
    assert detail in unreadable.value.detail


def test_details_are_short() -> None:
    """A dead letter quotes what it found, not all of it."""
    with pytest.raises(UnreadableMessage) as unreadable:
        _read(_wire(headers__task="x" * 10_000))

    assert len(unreadable.value.detail) < 200


def test_the_deepest_nesting_that_is_served() -> None:
    """The limit counts brackets that nest, not brackets, and none inside a text."""
    deep = json.loads(_nested(MAX_DEPTH - 2))
    wide = [[]] * 1000
    in_text = "[" * 1000 + '\\"{'

    for request in (deep, wide, in_text):
        assert _read(_with_body(json.dumps([[], {"request": request}, {}]))).request == request


def test_little_is_required() -> None:
    """A task, an id and a tag make a job; the rest has a default."""
    raw = json.dumps(
        {
            "body": json.dumps([[], {}, None]),
            "headers": {"task": "fleet.echo", "id": JOB_ID},
            "properties": {"delivery_tag": "x"},
        }
    )

    read = _read(raw)

    assert (read.task, read.job_id, read.tenant, read.retries) == (
        "fleet.echo",
        JOB_ID,
        "default",
        0,
    )
    assert (read.deadline, read.not_before, read.schema_hash) == (None, None, None)


@pytest.mark.parametrize("name", ["traceparent", "tracestate", "schema_hash", "origin"])
@pytest.mark.parametrize("value", ["x" * 257, "a\nb", "é", "\ud800", 7, ["a"], {"a": 1}, True])
def test_a_text_that_is_only_handed_on_is_left_out_if_it_could_do_harm(
    name: str, value: Any
) -> None:
    """Trace context is worth less than the job: the job is run without it."""
    read = _read(_wire(**{f"headers__{name}": value}))

    assert getattr(read, name) in (None, "")


def test_lineage_is_kept_if_it_is_what_celery_writes() -> None:
    """The shards of a chord find each other; nothing else is carried in their headers."""
    wanted = {
        **{"root_id": JOB_ID, "parent_id": JOB_ID, "group": "g", "parent_job": JOB_ID},
        **{"group_index": 3, "fence": 1, "shard": 0, "shards": 8},
    }
    headers = _frame()["headers"] | wanted | {"stamps": {"x": 1}, "anything": "else"}

    assert _read(_wire(headers=headers)).lineage == wanted


@pytest.mark.parametrize("name", ["root_id", "group", "parent_job"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}, 7, "a\x00b", "x" * 257])
def test_a_wrong_name_in_the_lineage_is_left_out(name: str, value: Any) -> None:
    """Celery uses these as parts of keys: only short printable texts are kept."""
    assert name not in _read(_wire(**{f"headers__{name}": value})).lineage


@pytest.mark.parametrize("name", ["group_index", "fence", "shard", "shards"])
@pytest.mark.parametrize("value", ["1", -1, True, 1.0, 10**9, [1]])
def test_a_wrong_number_in_the_lineage_is_left_out(name: str, value: Any) -> None:
    """A number that is none is as good as absent."""
    assert name not in _read(_wire(**{f"headers__{name}": value})).lineage


def test_a_time_without_offset_is_utc() -> None:
    """Celery's own clients write such times, and mean UTC."""
    read = _read(
        _wire(headers__eta="2026-01-31T12:00:00", headers__deadline="2026-01-31T14:00+02:00")
    )

    assert (read.not_before, read.deadline) == (NOON, NOON)


@pytest.mark.parametrize("first", ["deadline", "expires"])
def test_the_earlier_of_two_deadlines_holds(first: str) -> None:
    """`expires` is Celery's word for a deadline; both may be given."""
    second = {"deadline": "expires", "expires": "deadline"}[first]
    read = _read(
        _wire(
            **{
                f"headers__{first}": NOON.isoformat(),
                f"headers__{second}": (NOON + timedelta(hours=1)).isoformat(),
            }
        )
    )

    assert read.deadline == NOON


@pytest.mark.parametrize("encoding", ["base64", None])
def test_the_size_of_a_body_is_counted_in_bytes(encoding: str | None) -> None:
    """A limit in bytes means bytes, in whichever form the body came."""
    text = json.dumps([[], {"request": "é" * 1000}, {}], ensure_ascii=False)
    body = base64.b64encode(text.encode()).decode() if encoding else text

    read = _read(_wire(body=body, properties__body_encoding=encoding))

    assert read.request_bytes == len(text.encode())


def test_a_request_that_is_not_json_is_not_sent() -> None:
    """NaN stops at the sender: nobody writes what no JSON reader reads."""
    message = TaskMessage(
        task="fleet.echo", job_id=JOB_ID, queue="cpu", request={"rate": float("nan")}
    )

    with pytest.raises(ValueError, match="JSON"):
        message.to_wire()


def test_two_messages_have_two_tags() -> None:
    """Celery files messages by their tag: a repeated one loses a job."""
    first, second = (TaskMessage(task="t", job_id=JOB_ID, queue="cpu") for _ in range(2))

    assert first.delivery_tag != second.delivery_tag


@given(st.tuples(PRINTABLE, PRINTABLE, TEXTS))
def test_an_idempotency_key_is_an_id(parts: tuple[str, str, str]) -> None:
    """The same key makes the same id, a name-based UUID that a message accepts."""
    tenant, task, key = parts
    job_id = job_id_for(tenant=tenant, task=task, idempotency_key=key)

    assert job_id == job_id_for(tenant=tenant, task=task, idempotency_key=key)
    assert UUID(job_id).version == 5
    assert _read(_wire(headers__id=job_id)).job_id == job_id
