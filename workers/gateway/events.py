"""Follow a job as it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from queues.job_error import FieldProblem
from workers.failure import refusal
from workers.gateway.event_streams import START, EventStreams, is_position
from workers.gateway.gateway import Caller, Here
from workers.gateway.jobs import known_job
from workers.gateway.problem import RETRY_SECONDS, GatewayCode, Refused

MEDIA_TYPE = "text/event-stream"

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class _HeldStream(StreamingResponse):
    """A stream that counts for its token while it is open, however it ends."""

    def __init__(self, frames: AsyncIterator[bytes], streams: EventStreams, token: UUID) -> None:
        super().__init__(frames, media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})
        self._streams = streams
        self._token = token
        streams.held[token] += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.held[self._token] -= 1


@router.get(
    "/{job_id}/events",
    response_model=None,
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
        204: {"description": "Nothing comes after that event."},
    },
)
async def follow_job(
    job_id: UUID,
    here: Here,
    caller: Caller,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Tell what happened to a job and what happens, until it has ended.

    Server-sent events, whose `data` is an event of docs/wire.md. With the `id` of one in the header
    `Last-Event-ID` the stream goes on after it; 204 says that nothing comes after it any more.
    """
    position = last_event_id or START
    if not is_position(position):
        problem = FieldProblem(
            field="Last-Event-ID", expected="the id of an event", received=position
        )
        raise Refused.because(refusal((problem,)), HTTPStatus.UNPROCESSABLE_ENTITY)
    job = await run_in_threadpool(known_job, here, caller, job_id)
    told = await here.streams.told_since(job_id, position)
    if job.state.is_final and not told:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    if here.streams.held[caller.id] >= here.settings.streams_per_token:
        raise Refused.later(
            HTTPStatus.TOO_MANY_REQUESTS,
            GatewayCode.RATE_LIMITED,
            f"more than {here.settings.streams_per_token} event streams of one token",
            seconds=RETRY_SECONDS,
        )
    frames = here.streams.follow(
        job_id, told, position, may_stay=lambda: here.bearers.is_still_good(caller)
    )
    return _HeldStream(frames, here.streams, caller.id)
