"""What can be asked for."""

from __future__ import annotations

from fastapi import APIRouter

from queues.names import Queue
from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.payload import Count, Payload
from workers.gateway.gateway import Caller

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


class TaskLine(Payload):
    """A task, and the bounds it runs under."""

    name: str
    """A job of it is submitted by POST to `/v1/tasks/<name>/jobs`."""
    summary: str
    """What it does."""
    queue: Queue
    """Which pool runs it."""
    schema_hash: str
    """Changes whenever the request or the result does."""
    max_request_bytes: Count
    """Larger requests are refused."""
    soft_limit_seconds: float
    """A job that runs longer fails."""

    @classmethod
    def of(cls, declaration: Declaration) -> TaskLine:
        """Give what a client wants to know of a task."""
        return cls(
            name=declaration.name,
            summary=declaration.summary,
            queue=declaration.queue,
            schema_hash=declaration.schema_hash,
            max_request_bytes=declaration.terms.max_request_bytes,
            soft_limit_seconds=declaration.terms.soft_limit.total_seconds(),
        )


class Tasks(Payload):
    """Every task there is."""

    tasks: tuple[TaskLine, ...]
    """By name."""


_TASKS = Tasks(tasks=tuple(map(TaskLine.of, sorted(CATALOGUE, key=lambda task: task.name))))


@router.get("")
def list_tasks(_: Caller) -> Tasks:
    """List the tasks; the types of their requests and results are in `/openapi.json`."""
    return _TASKS
