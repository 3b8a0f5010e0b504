"""A job as it crosses Redis: Celery's message protocol 2, built and checked in one place.

`TaskMessage.from_frame` trusts nothing: what it gives back was rebuilt from checked values, so
no header, limit or embedded workflow of a stranger reaches Celery.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from queues.names import PRIORITY_STEP, TENANT, Priority, queue_key

MAX_DEPTH = 64
"""Nesting beyond this is refused: it serves no task and exhausts recursive readers."""

DEFAULT_TENANT = "default"
_TASK = re.compile(r"[A-Za-z0-9._]{1,128}")
_PRINTABLE = re.compile(r"[\x20-\x7e]{0,256}")


class UnreadableMessage(Exception):
    """The bytes are not a job. `reason` is a fixed word, `detail` says what was expected."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True, kw_only=True)
class TaskMessage:
    """One submission of a task."""

    task: str
    job_id: str
    queue: str
    request: Any = None
    tenant: str = DEFAULT_TENANT
    priority: Priority = Priority.NORMAL
    not_before: datetime | None = None
    deadline: datetime | None = None
    schema_hash: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    sent_at: datetime | None = None
    """When the sender sent it, by its own clock."""
    expected: Any = None
    """The sender's own answer, for comparison; no part of what is asked."""
    hard_limit_seconds: float | None = None
    soft_limit_seconds: float | None = None
    retries: int = 0
    origin: str = ""
    delivery_tag: str = field(default_factory=lambda: str(uuid4()))
    args: list[Any] = field(default_factory=list)
    """Always empty in a job from outside; a chord hands its shard results on in this way."""
    other_kwargs: dict[str, Any] = field(default_factory=dict)
    embed: dict[str, Any] = field(default_factory=dict)
    request_bytes: int = 0
    """How large the body was on arrival."""
    lineage: dict[str, Any] = field(default_factory=dict)
    """Headers with which Celery joins the shards of a chord; empty in a job from outside."""

    @property
    def list_key(self) -> str:
        """The Redis list this message is pushed to."""
        return queue_key(self.queue, PRIORITY_STEP[self.priority])

    def to_frame(self) -> dict[str, Any]:
        """Give the message as Celery and kombu read it."""
        workflow = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
        kwargs = {"request": self.request, **self.other_kwargs}
        if self.expected is not None:
            kwargs["expected"] = self.expected
        body = json.dumps(
            [self.args, kwargs, workflow | self.embed], separators=(",", ":"), allow_nan=False
        )
        return {
            "body": base64.b64encode(body.encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": self._headers(),
            "properties": {
                "correlation_id": self.job_id,
                "reply_to": "",
                "delivery_mode": 2,
                "priority": PRIORITY_STEP[self.priority],
                "delivery_info": {"exchange": "", "routing_key": self.queue},
                "body_encoding": "base64",
                "delivery_tag": self.delivery_tag,
            },
        }

    def to_wire(self) -> str:
        """Give the text that LPUSH sends."""
        return json.dumps(self.to_frame(), separators=(",", ":"))

    def _headers(self) -> dict[str, Any]:
        headers: dict[str, Any] = {
            "lang": "py",
            "task": self.task,
            "id": self.job_id,
            "root_id": self.job_id,
            "parent_id": None,
            "group": None,
            "retries": self.retries,
            "eta": _iso(self.not_before),
            "expires": None,
            "timelimit": [self.hard_limit_seconds, self.soft_limit_seconds],
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "origin": self.origin,
            "tenant": self.tenant,
        }
        headers |= self.lineage
        optional = {
            "schema_hash": self.schema_hash,
            "sent_at": _iso(self.sent_at),
            "deadline": _iso(self.deadline),
            "traceparent": self.traceparent,
            "tracestate": self.tracestate,
        }
        return headers | {name: value for name, value in optional.items() if value is not None}

    @classmethod
    def from_wire(cls, raw: bytes | str, *, queue: str, priority: Priority) -> TaskMessage:
        """Read what was popped from one of `queue`'s lists.

        Raises `UnreadableMessage`.
        """
        return cls.from_frame(read_json(raw, "not_json"), queue=queue, priority=priority)

    @classmethod
    def from_frame(cls, frame: Any, *, queue: str, priority: Priority) -> TaskMessage:
        """Read a message that is JSON already. Raises `UnreadableMessage`."""
        frame = _typed(frame, dict, "the message")
        headers = _typed(frame.get("headers"), dict, "headers")
        properties = _typed(frame.get("properties"), dict, "properties")
        _typed(properties.get("delivery_tag"), str, "properties.delivery_tag")
        text = _body_text(frame, properties)
        hard_limit, soft_limit = _limits(headers.get("timelimit"))
        args, kwargs, embed = _body(text)
        kwargs = dict(kwargs)
        return cls(
            task=_matching(headers.get("task"), _TASK, "headers.task", "a task name"),
            job_id=_uuid(headers.get("id"), "headers.id"),
            queue=queue,
            priority=priority,
            request=kwargs.pop("request", None),
            expected=kwargs.pop("expected", None),
            tenant=_matching(
                _or(headers.get("tenant"), DEFAULT_TENANT),
                TENANT,
                "headers.tenant",
                "1 to 64 letters, digits, dots, underscores or dashes",
            ),
            not_before=_moment(headers.get("eta"), "headers.eta"),
            deadline=_earliest(
                _moment(headers.get("deadline"), "headers.deadline"),
                _moment(headers.get("expires"), "headers.expires"),
            ),
            sent_at=_moment(headers.get("sent_at"), "headers.sent_at"),
            schema_hash=_printable(headers.get("schema_hash")),
            traceparent=_printable(headers.get("traceparent")),
            tracestate=_printable(headers.get("tracestate")),
            hard_limit_seconds=hard_limit,
            soft_limit_seconds=soft_limit,
            retries=_count(_or(headers.get("retries"), 0), "headers.retries"),
            origin=_printable(headers.get("origin")) or "",
            request_bytes=len(text),
            args=args,
            other_kwargs=kwargs,
            embed={name: value for name, value in embed.items() if value},
            lineage=_lineage(headers),
        )


_LINEAGE_TEXTS = ("root_id", "parent_id", "group", "parent_job")
_LINEAGE_COUNTS = ("group_index", "fence", "shard", "shards")


def _lineage(headers: dict[str, Any]) -> dict[str, Any]:
    texts = {name: _printable(headers.get(name)) for name in _LINEAGE_TEXTS}
    counts = {name: headers[name] for name in _LINEAGE_COUNTS if _is_count(headers.get(name))}
    return {name: text for name, text in texts.items() if text is not None} | counts


def job_id_for(*, tenant: str, task: str, idempotency_key: str) -> str:
    """Give the id that every client derives from an idempotency key."""
    return str(uuid5(NAMESPACE_OID, f"riskfleet:{tenant}:{task}:{idempotency_key}"))


def _body_text(frame: dict[str, Any], properties: dict[str, Any]) -> bytes:
    content_type = _or(frame.get("content-type"), "application/json")
    if content_type != "application/json":
        raise UnreadableMessage(
            "bad_frame", f"content-type: expected JSON, got {_short(content_type)}"
        )
    body: str = _typed(frame.get("body"), str, "body")
    encoding = _or(properties.get("body_encoding"), "")
    if encoding not in ("base64", ""):
        raise UnreadableMessage(
            "bad_frame", f"properties.body_encoding: expected base64, got {_short(encoding)}"
        )
    try:
        return base64.b64decode(body, validate=True) if encoding else body.encode()
    except (binascii.Error, ValueError) as error:
        words = encoding or "text in UTF-8"
        raise UnreadableMessage("bad_body", f"body: expected {words}, {error}") from error


def _body(body: bytes) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    parts = read_json(body, "bad_body")
    if not isinstance(parts, list) or len(parts) != 3:
        raise UnreadableMessage("bad_body", "body: expected [args, kwargs, embed]")
    return (
        _typed(parts[0], list, "args"),
        _typed(parts[1], dict, "kwargs"),
        _typed(_or(parts[2], {}), dict, "embed"),
    )


def read_json(raw: bytes | str, reason: str) -> Any:
    """Read JSON that a stranger wrote: no NaN, no infinity, not too deep.

    Raises `UnreadableMessage` with `reason`, or `too_deep`.
    """
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise UnreadableMessage(reason, f"expected JSON in UTF-8: {error}") from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper_than(MAX_DEPTH, value):
        raise _too_deep()
    return value


def _too_deep() -> UnreadableMessage:
    return UnreadableMessage("too_deep", f"expected at most {MAX_DEPTH} levels of nesting")


def _is_deeper_than(levels: int, value: Any) -> bool:
    """Look level by level, without recursion."""
    containers = _containers([value])
    for _ in range(levels):
        below = (each.values() if isinstance(each, dict) else each for each in containers)
        containers = _containers(each for children in below for each in children)
    return bool(containers)


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{digits} is beyond the range of a double")
    return number


_IN_WORDS: dict[type, str] = {dict: "an object", list: "an array", str: "a text"}


def _typed(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise UnreadableMessage(
            "bad_frame", f"{name}: expected {_IN_WORDS[kind]}, got {_short(value)}"
        )
    return value


def _matching(value: Any, pattern: re.Pattern[str], name: str, words: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnreadableMessage("bad_frame", f"{name}: expected {words}, got {_short(value)}")
    return value


def _uuid(value: Any, name: str) -> str:
    try:
        canonical = str(UUID(_typed(value, str, name)))
    except ValueError:
        canonical = ""
    if canonical != value:
        raise UnreadableMessage(
            "bad_frame", f"{name}: expected a UUID in lower case, got {_short(value)}"
        )
    return canonical


def _moment(value: Any, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(_typed(value, str, name))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableMessage(
            "bad_frame", f"{name}: expected a time in ISO 8601, got {_short(value)}"
        ) from error


def _limits(value: Any) -> tuple[float | None, float | None]:
    """Read Celery's pair of a hard and a soft limit, either of which may be absent."""
    pair = _typed(_or(value, [None, None]), list, "headers.timelimit")
    numbers = [limit for limit in pair if limit is not None]
    positive = all(type(limit) in (int, float) and limit > 0 for limit in numbers)
    if len(pair) != 2 or not positive:
        raise UnreadableMessage(
            "bad_frame",
            f"headers.timelimit: expected [hard, soft] in seconds, got {_short(value)}",
        )
    return pair[0], pair[1]


def _count(value: Any, name: str) -> int:
    if not _is_count(value):
        raise UnreadableMessage("bad_frame", f"{name}: expected a small count, got {_short(value)}")
    return int(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 1_000_000


def _printable(value: Any) -> str | None:
    """Keep a short text that is only handed on; leave out one that could do harm."""
    return value if isinstance(value, str) and _PRINTABLE.fullmatch(value) else None


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _earliest(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((moment for moment in (first, second) if moment is not None), default=None)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
