"""The gate between Redis and Celery: what passes was read, checked and rebuilt by us.

Celery on Redis trusts its messages: one that is malformed can kill a worker, leave it deaf, or
vanish. So each message is judged before kombu sees it:

- a job we can run passes, with limits and workflows of its sender removed;
- a readable message that cannot be run (unknown task, too large, ...) passes as `fleet.refuse`,
  an ordinary job whose outcome is that error, so that its caller learns of it;
- anything else is unreadable: it goes to the dead letters with its reason.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from queues.job_error import Code, JobError
from queues.message import TaskMessage, UnreadableMessage
from queues.names import PRIORITY_OF_STEP, Priority
from tasks.declaration import MERGE_SUFFIX, SHARD_SUFFIX, Declaration, Terms

HOUSEKEEPING = "housekeeping"
REFUSE = "fleet.refuse"

_EMPTY_BODY = base64.b64encode(b"[[],{},null]").decode()


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Judges the messages of one worker."""

    catalogue: Mapping[str, Declaration]
    own_tasks: Mapping[str, Declaration]
    """Celery tasks that are parts of jobs: shards, merges, refusals."""
    upkeep: frozenset[str]
    """Celery tasks that keep house, on a queue of their own."""
    max_message_bytes: int
    queues: frozenset[str]

    def admit(
        self, raw: bytes, *, queue: str, step: int, delivery_tag: str | None = None
    ) -> dict[str, Any]:
        """Give the frame that Celery may run for a raw message, under a tag of ours.

        Raises `UnreadableMessage`.
        """
        priority = PRIORITY_OF_STEP.get(step, Priority.LOW)
        # Never its sender's: kombu files messages by it, so a sender that repeats one would lose
        # jobs, and a worker that acknowledges late would drop another worker's copy.
        tag = delivery_tag or str(uuid4())
        if len(raw) > self.max_message_bytes:
            message = replace(_without_body(raw, queue=queue, priority=priority), delivery_tag=tag)
            size = f"{len(raw)} bytes, the limit is {self.max_message_bytes}"
            return _refused(message, Code.TOO_LARGE, f"the message has {size}").to_frame()
        message = TaskMessage.from_wire(raw, queue=queue, priority=priority)
        if queue == HOUSEKEEPING:
            return self._upkeep(message, raw)
        return self._judge(replace(message, delivery_tag=tag)).to_frame()

    def _upkeep(self, message: TaskMessage, raw: bytes) -> dict[str, Any]:
        """Let through what beat sent, for Celery to drop once it has expired; nothing beside."""
        if message.task not in self.upkeep:
            raise UnreadableMessage("bad_frame", f"headers.task: {message.task} is no upkeep")
        frame: dict[str, Any] = json.loads(raw)
        frame["body"] = _EMPTY_BODY
        frame["properties"] |= {
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": HOUSEKEEPING},
            "delivery_tag": str(uuid4()),
        }
        return frame

    def __json__(self) -> str:
        """Stand for itself when `inspect stats`, which Flower asks for, sends all options."""
        return "intake"

    def _judge(self, message: TaskMessage) -> TaskMessage:
        if message.task in self.own_tasks:
            return self._own(message, self.own_tasks[message.task])
        declaration = self.catalogue.get(message.task)
        if declaration is None:
            known = ", ".join(sorted(self.catalogue))
            return _refused(message, Code.UNKNOWN_TASK, f"{message.task}: expected one of {known}")
        message = replace(message, embed={}, lineage={})
        if message.queue not in {declaration.queue, *declaration.also_on}:
            return _refused(
                message,
                Code.WRONG_QUEUE,
                f"{message.task}: expected queue {declaration.queue}, received {message.queue}",
            )
        limit = declaration.terms.max_request_bytes
        # Only their own size counts: on the way they may have been written in a longer form.
        size = 0
        if message.request_bytes > limit:
            size = size_of(message.request) + size_of(message.expected)
        if size > limit:
            whose = "request has" if message.expected is None else "request and expected have"
            return _refused(
                message,
                Code.TOO_LARGE,
                f"the {whose} {size} bytes, {message.task} takes {limit}",
            )
        if message.args or message.other_kwargs or not isinstance(message.request, dict):
            return _refused(
                message,
                Code.INVALID_REQUEST,
                "kwargs: expected `request`, an object, beside it at most `expected`, another, "
                "and no other argument",
            )
        if not isinstance(message.expected, dict | None):
            return _refused(
                message, Code.INVALID_REQUEST, "expected: an object, a part of the task's result"
            )
        if message.schema_hash not in (None, declaration.schema_hash):
            return _refused(
                message,
                Code.OUTDATED_CLIENT,
                f"schema_hash: expected {declaration.schema_hash}, received {message.schema_hash}; "
                "generate the client again from this fleet's contract",
            )
        return _clamped(message, declaration.terms)

    def _own(self, message: TaskMessage, declaration: Declaration) -> TaskMessage:
        """Let a part of a job through, with no workflow but a shard's chord."""
        if (len(message.args), set(message.other_kwargs)) != _shape_of(message.task):
            raise UnreadableMessage("bad_frame", f"{message.task}: nobody may ask for it")
        if message.queue not in {declaration.queue, *declaration.also_on}:
            raise UnreadableMessage("bad_frame", f"{message.task}: expected on {declaration.queue}")
        message = _clamped(message, declaration.terms)
        chord = message.embed.get("chord")
        merge = message.task.removesuffix(SHARD_SUFFIX) + MERGE_SUFFIX
        is_ours = isinstance(chord, dict) and chord.get("task") == merge
        return replace(message, embed={"chord": chord} if is_ours else {})


def refuse_parts_of_jobs(task: str) -> None:
    """Raise `UnreadableMessage` for what only the fleet itself may ask for."""
    if task == REFUSE or task.endswith((SHARD_SUFFIX, MERGE_SUFFIX)):
        raise UnreadableMessage("bad_frame", f"{task}: nobody may ask for it")


def _shape_of(own_task: str) -> tuple[int, set[str]]:
    """Give how many arguments the fleet sends to a task of its own, and which beside a request."""
    if own_task == REFUSE:
        return 0, {"task", "error"}
    return (1 if own_task.endswith(MERGE_SUFFIX) else 0), set()


def size_of(request: Any) -> int:
    """Give the bytes of a request, or of nothing, in its shortest form."""
    if request is None:
        return 0
    text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode(errors="surrogatepass"))


def _clamped(message: TaskMessage, terms: Terms) -> TaskMessage:
    """Let a sender shorten the limits of a task, never widen them."""
    hard, soft = terms.hard_limit.total_seconds(), terms.soft_limit.total_seconds()
    return replace(
        message,
        hard_limit_seconds=min(hard, message.hard_limit_seconds or hard),
        soft_limit_seconds=min(soft, message.soft_limit_seconds or soft),
    )


def _without_body(raw: bytes, *, queue: str, priority: Priority) -> TaskMessage:
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage("not_json", f"expected JSON in UTF-8: {error}") from error
    if isinstance(frame, dict):
        frame["body"] = _EMPTY_BODY
        if isinstance(frame.get("properties"), dict):
            frame["properties"]["body_encoding"] = "base64"
    return TaskMessage.from_frame(frame, queue=queue, priority=priority)


def _refused(message: TaskMessage, code: Code, reason: str) -> TaskMessage:
    error = JobError.of(code, reason[:1000])
    return replace(
        message,
        task=REFUSE,
        args=[],
        expected=None,
        embed={},
        lineage={},
        not_before=None,
        other_kwargs={"task": message.task, "error": error.model_dump(mode="json")},
    )
