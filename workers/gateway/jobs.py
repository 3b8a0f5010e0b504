"""Read, list and cancel jobs. Another tenant's jobs are not there."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from redis.exceptions import RedisError

from queues.cancellation import request_cancellation
from queues.events import EventChannel, JobEvent
from queues.job_error import FieldProblem
from queues.ledger import Job, JobSummary, State
from queues.ledger.audit import Action
from queues.ledger.tokens import AccessToken
from tasks.payload import Payload
from workers.failure import refusal
from workers.gateway.gateway import Caller, Gateway, Here
from workers.gateway.job_view import JobLine, JobView, job_error, job_line, job_view
from workers.gateway.openapi import any_result
from workers.gateway.problem import RETRY_SECONDS, GatewayCode, Refused, not_found

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobPage(Payload):
    """Some jobs, the latest accepted first."""

    jobs: tuple[JobLine, ...]
    """Those of this page."""
    next: str | None
    """The `cursor` of the page that follows; null on the last."""


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = None
    task: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9._]{1,128}$")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=200)] = None


class _Cancellation(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")] = "cancelled by the caller"


def known_job(here: Gateway, caller: AccessToken, job_id: UUID) -> Job:
    """Give a job of the caller's, or refuse as if there were none. A shard is none."""
    job = here.ledger.get(job_id)
    if job is None or job.tenant != caller.tenant or job.parent_id is not None:
        raise not_found(f"job {job_id}")
    return job


@router.get("")
def list_jobs(here: Here, caller: Caller, wanted: Annotated[_Wanted, Query()]) -> JobPage:
    """List jobs, the latest accepted first."""
    found = here.ledger.jobs(
        tenant=caller.tenant,
        state=wanted.state,
        task=wanted.task,
        before=None if wanted.cursor is None else _place(wanted.cursor),
        limit=wanted.limit + 1,
    )
    page = found[: wanted.limit]
    return JobPage(
        jobs=tuple(job_line(job) for job in page),
        next=_cursor(page[-1]) if len(found) > len(page) else None,
    )


@router.get("/{job_id}")
def read_job(job_id: UUID, here: Here, caller: Caller) -> JobView:
    """Give a job: where it stands, and its result or error once it has ended."""
    return job_view(known_job(here, caller, job_id), _last_event(here, job_id))


@router.get(
    "/{job_id}/result", response_model=None, response_class=Response, responses={200: any_result()}
)
def read_result(job_id: UUID, here: Here, caller: Caller) -> Response:
    """Give the result alone, as its task declares it."""
    job = known_job(here, caller, job_id)
    if job.result is not None:
        return Response(job.result, media_type="application/json")
    error = job_error(job)
    if error is not None:
        raise Refused.because(error, HTTPStatus.CONFLICT)
    raise Refused.later(
        HTTPStatus.CONFLICT,
        GatewayCode.UNFINISHED,
        f"job {job_id} is {job.state}",
        seconds=RETRY_SECONDS,
    )


@router.post(
    "/{job_id}/cancel",
    status_code=HTTPStatus.ACCEPTED,
    responses={200: {"model": JobView, "description": "It had ended already."}},
)
def cancel_job(
    job_id: UUID,
    here: Here,
    caller: Caller,
    wish: Annotated[_Cancellation, Query()],
    response: Response,
) -> JobView:
    """Ask that a job end, whether it waits or runs; one that has ended stays as it is."""
    job = known_job(here, caller, job_id)
    if job.state.is_final:
        response.status_code = HTTPStatus.OK
        return job_view(job, None)
    with here.act(caller, Action.CANCEL, job_id=job_id, detail={"reason": wish.reason}):
        request_cancellation(here.redis, str(job_id), wish.reason)
    return job_view(job, _last_event(here, job_id))


def _last_event(here: Gateway, job_id: UUID) -> JobEvent | None:
    """Give what was heard of the job last; without Redis the ledger's word is enough."""
    try:
        return EventChannel(here.redis).last(str(job_id))
    except RedisError:
        return None


def _cursor(job: JobSummary) -> str:
    text = f"{job.accepted_at.isoformat()} {job.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID]:
    """Give time and id of the last job of the page before."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        accepted_at, _, job_id = text.partition(" ")
        moment, job = datetime.fromisoformat(accepted_at), UUID(job_id)
    except (ValueError, binascii.Error) as error:
        raise _no_cursor(cursor) from error
    if moment.tzinfo is None:
        raise _no_cursor(cursor)
    return moment, job


def _no_cursor(cursor: str) -> Refused:
    problem = FieldProblem(field="cursor", expected="`next` of the page before", received=cursor)
    return Refused.because(refusal((problem,)), HTTPStatus.UNPROCESSABLE_ENTITY)
