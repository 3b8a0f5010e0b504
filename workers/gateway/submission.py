"""Submit jobs: one path a task, so that the OpenAPI document types each request exactly.

A caller names a job by an idempotency key, never by its id: the id is made of tenant, task and key
(as every client makes it), so nobody can ask about, or get in the way of, another tenant's jobs.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from queues.job_error import Code
from queues.ledger.audit import Action
from queues.ledger.tokens import AccessToken
from queues.message import TaskMessage, job_id_for
from queues.submission import SubmissionRegistry, Submitted
from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.payload import Payload
from workers.delivery import submission_of
from workers.gateway.gateway import Caller, Gateway, Here, actor
from workers.gateway.openapi import request_body, submitted
from workers.gateway.options import Options
from workers.gateway.problem import Refused
from workers.gateway.request_body import json_bytes, request_in

_QUOTA_RETRY_SECONDS = 5
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_Key = Annotated[str | None, Header(pattern="^[!-~]([ -~]{0,253}[!-~])?$")]


class SubmittedJob(Payload):
    """What became of a submission."""

    id: UUID
    """The job's id; `Location` has its address."""
    submitted: Literal[Submitted.CREATED, Submitted.KNOWN]
    """`created`, or `known`: this key was used before, with the same request."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One submission as it came over HTTP."""

    declaration: Declaration
    body: bytes
    options: Options
    idempotency_key: str | None
    request_id: str
    traceparent: str | None
    tracestate: str | None


def submission_routes() -> APIRouter:
    """Give a route for each task of the catalogue, and one that knows no task."""
    router = APIRouter(prefix="/v1/tasks", tags=["tasks"])
    for declaration in sorted(CATALOGUE, key=lambda task: task.name):
        router.add_api_route(
            f"/{declaration.name}/jobs",
            _submits(declaration),
            methods=["POST"],
            status_code=HTTPStatus.ACCEPTED,
            summary=declaration.summary,
            name=f"submit_{declaration.name}",
            response_model=SubmittedJob,
            responses={200: submitted("Sent before."), 202: submitted("Sent.")},
            openapi_extra={"requestBody": request_body(declaration)},
        )
    router.add_api_route("/{task}/jobs", _unknown_task, methods=["POST"], include_in_schema=False)
    return router


def _submits(declaration: Declaration) -> Callable[..., Awaitable[SubmittedJob]]:
    async def submit(
        request: Request,
        response: Response,
        here: Here,
        caller: Caller,
        options: Annotated[Options, Query()],
        idempotency_key: _Key = None,
    ) -> SubmittedJob:
        asked = _Asked(
            declaration=declaration,
            body=await json_bytes(request, at_most=here.settings.max_body_bytes),
            options=options,
            idempotency_key=idempotency_key,
            request_id=request.state.request_id,
            traceparent=request.headers.get("traceparent"),
            tracestate=request.headers.get("tracestate"),
        )
        job = await run_in_threadpool(_submit, here, caller, asked)
        response.headers["Location"] = f"/v1/jobs/{job.id}"
        if job.submitted is Submitted.KNOWN:
            response.status_code = HTTPStatus.OK
        return job

    return submit


def _unknown_task(task: str, _: Caller) -> None:
    known = ", ".join(sorted(declaration.name for declaration in CATALOGUE))
    detail = f"{task}: expected one of {known}"
    raise Refused(HTTPStatus.NOT_FOUND, Code.UNKNOWN_TASK, detail)


def _submit(here: Gateway, caller: AccessToken, asked: _Asked) -> SubmittedJob:
    message = _message(caller, asked)
    job = submission_of(message)
    if asked.idempotency_key is not None:
        # Redis remembers a submission for a week, the ledger as long as the job.
        known = here.ledger.get(job.id)
        if known is not None:
            if known.request_hash != job.request_hash:
                raise _conflict()
            return SubmittedJob(id=job.id, submitted=Submitted.KNOWN)
    detail = {"task": message.task, "requestId": asked.request_id}
    with here.act(caller, Action.SUBMIT, job_id=job.id, detail=detail):
        submitted = SubmissionRegistry(here.redis).submit(message)
        if submitted is Submitted.CONFLICT:
            raise _conflict()
        if submitted is Submitted.OVER_QUOTA:
            raise _over_quota(caller)
    # At once, so that whoever has our answer finds the job, and Redis may be lost from now on.
    here.ledger.register([job])
    return SubmittedJob(id=job.id, submitted=submitted)


def _message(caller: AccessToken, asked: _Asked) -> TaskMessage:
    declaration, options = asked.declaration, asked.options
    now = datetime.now(UTC)
    delay = timedelta(seconds=options.delay_seconds)
    is_traced = _TRACEPARENT.fullmatch(asked.traceparent or "") is not None
    message = TaskMessage(
        task=declaration.name,
        job_id=_job_id(caller.tenant, asked),
        queue=declaration.queue,
        request=request_in(asked.body, declaration),
        tenant=caller.tenant,
        priority=options.priority,
        not_before=now + delay if delay else None,
        deadline=options.deadline,
        sent_at=now,
        traceparent=asked.traceparent if is_traced else None,
        tracestate=_printable(asked.tracestate) if is_traced else None,
        origin=actor(caller),
    )
    # As a worker will read it, so that what it would put aside is refused here.
    TaskMessage.from_wire(message.to_wire(), queue=message.queue, priority=message.priority)
    return message


def _job_id(tenant: str, asked: _Asked) -> str:
    if asked.idempotency_key is None:
        return str(uuid4())
    return job_id_for(
        tenant=tenant, task=asked.declaration.name, idempotency_key=asked.idempotency_key
    )


def _conflict() -> Refused:
    return Refused(
        HTTPStatus.CONFLICT, Code.ID_CONFLICT, "Idempotency-Key: was used for another request"
    )


def _over_quota(caller: AccessToken) -> Refused:
    return Refused.later(
        HTTPStatus.TOO_MANY_REQUESTS,
        Code.QUOTA_EXCEEDED,
        f"tenant {caller.tenant} has as many jobs waiting as it may",
        seconds=_QUOTA_RETRY_SECONDS,
    )


def _printable(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isprintable() and len(text) <= 256 else None
