"""One delivery of a job, as it came with its message."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from queues.ledger import Submission
from queues.message import DEFAULT_TENANT, TaskMessage
from queues.names import PRIORITY_OF_STEP, Priority
from queues.request_hash import request_hash

_HANDED_ON = ("traceparent", "tracestate", "schema_hash", "origin")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a worker knows of a job before it looks at the ledger."""

    id: str
    task: str
    request: Any
    expected: Any = None
    """The caller's own answer, to compare the result with."""
    tenant: str = DEFAULT_TENANT
    queue: str
    priority: Priority = Priority.NORMAL
    deadline: datetime | None = None
    sent_at: datetime | None = None
    """When the caller sent it, by the caller's clock."""
    soft_limit_seconds: float | None = None
    """Shorter than the task's own, if the sender asked for that."""
    headers: dict[str, str]
    parent_id: str | None = None
    """The job this is a shard of."""
    fence: int | None = None
    """The fence a merge continues under."""
    shard: tuple[int, int] | None = None
    """Which of how many shards this is."""

    @classmethod
    def delivered(cls, context: Any, *, task: str, request: Any, expected: Any = None) -> Delivery:
        """Read the delivery from Celery's context of the running task.

        The intake has checked the headers, so they are what `queues.message` builds.
        """
        deadline, parent = context.get("deadline"), context.get("parent_job")
        sent_at = context.get("sent_at")
        return cls(
            id=context.id,
            task=task,
            request=request,
            expected=expected,
            tenant=context.get("tenant") or DEFAULT_TENANT,
            queue=context.delivery_info["routing_key"],
            priority=PRIORITY_OF_STEP.get(context.delivery_info["priority"], Priority.LOW),
            deadline=datetime.fromisoformat(deadline) if deadline else None,
            sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
            soft_limit_seconds=(context.get("timelimit") or [None, None])[1],
            headers={name: context.get(name) for name in _HANDED_ON if context.get(name)},
            parent_id=parent,
            fence=context.get("fence"),
            shard=(context.get("shard"), context.get("shards")) if parent else None,
        )

    @property
    def watched_id(self) -> str:
        """The job that people watch and cancel: for a shard, the one it is part of."""
        return self.parent_id or self.id

    def message(self) -> TaskMessage:
        """Give the message that delivers this job."""
        return TaskMessage(
            task=self.task,
            job_id=self.id,
            queue=self.queue,
            request=self.request,
            expected=self.expected,
            tenant=self.tenant,
            priority=self.priority,
            deadline=self.deadline,
            sent_at=self.sent_at,
            schema_hash=self.headers.get("schema_hash"),
            traceparent=self.headers.get("traceparent"),
            tracestate=self.headers.get("tracestate"),
            origin=self.headers.get("origin", ""),
        )

    @cached_property
    def request_text(self) -> str:
        """The request as JSON. Raises TypeError for what a JSON reader of kombu's made of it."""
        return json.dumps(self.request, allow_nan=False)

    def submission(self) -> Submission:
        """Give the job as the ledger records it. Raises `Unhashable`."""
        return Submission(
            id=UUID(self.id),
            parent_id=UUID(self.parent_id) if self.parent_id else None,
            task=self.task,
            tenant=self.tenant,
            queue=self.queue,
            priority=self.priority.value,
            request=self.request_text,
            request_hash=request_hash(task=self.task, tenant=self.tenant, request=self.request),
            headers=self.headers,
            expected=None if self.expected is None else json.dumps(self.expected, allow_nan=False),
            deadline=self.deadline,
            submitted_at=self.sent_at,
        )


def submission_of(message: TaskMessage) -> Submission:
    """Give a job that was sent and not delivered yet as the ledger records it."""
    handed_on = {name: getattr(message, name) for name in _HANDED_ON}
    delivery = Delivery(
        id=message.job_id,
        task=message.task,
        request=message.request,
        expected=message.expected,
        tenant=message.tenant,
        queue=message.queue,
        priority=message.priority,
        deadline=message.deadline,
        sent_at=message.sent_at,
        headers={name: value for name, value in handed_on.items() if value},
    )
    return replace(delivery.submission(), not_before=message.not_before)
