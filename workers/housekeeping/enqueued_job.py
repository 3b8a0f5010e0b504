"""What a backend wrote into the outbox, read as if it had come as a message."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from queues.ledger import EnqueuedRow, Submission
from queues.message import TaskMessage, UnreadableMessage
from queues.names import Priority, Queue, queue_key
from queues.request_hash import Unhashable
from tasks.catalogue import by_name
from workers.delivery import submission_of
from workers.intake import refuse_parts_of_jobs

_HEADERS = ("task", "tenant", "schema_hash", "traceparent", "tracestate", "deadline", "origin")


@dataclass(frozen=True)
class EnqueuedJob:
    """A job that can be sent, and the row that it was."""

    row: EnqueuedRow
    message: TaskMessage
    submission: Submission


def read(row: EnqueuedRow) -> EnqueuedJob:
    """Read a row with all the checks that a message meets. Raises `UnreadableMessage`."""
    refuse_parts_of_jobs(row.task)
    queue, priority = queue_of(row.task), Priority(row.priority)
    message = TaskMessage.from_frame(frame_of(row), queue=queue, priority=priority)
    try:
        return EnqueuedJob(row, message, submission_of(message))
    except Unhashable as error:
        detail = f"request: expected text in Unicode: {error}"
        raise UnreadableMessage("bad_body", detail) from error


def queue_of(task: str) -> Queue:
    """Give the queue of a task; one that nobody knows is refused by the workers of `cpu`."""
    declaration = by_name().get(task)
    return declaration.queue if declaration else Queue.CPU


def list_key_of(row: EnqueuedRow) -> str:
    """Give the Redis list that the row's message belongs to."""
    return queue_key(queue_of(row.task), Priority(row.priority).step)


def frame_of(row: EnqueuedRow) -> dict[str, Any]:
    """Give the message that the row is, unchecked."""
    # Both documents are JSON that Postgres has parsed, so they cannot end what is around them.
    expected = f',"expected":{row.expected}' if row.expected is not None else ""
    body = f'[[],{{"request":{row.request}{expected}}},null]'
    headers = {name: getattr(row, name) for name in _HEADERS}
    times = {"eta": row.not_before, "sent_at": row.enqueued_at}
    return {
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "sql", "id": str(row.id), **headers, **times},
        "properties": {
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": queue_of(row.task)},
            "delivery_tag": str(uuid4()),
        },
    }


def to_wire(row: EnqueuedRow) -> bytes:
    """Give the row as its message, unchecked."""
    return json.dumps(frame_of(row)).encode()
