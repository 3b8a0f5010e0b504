"""From exception to response: the one table of what may go wrong while a request is served."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from engines.errors import InvalidInput
from queues.artifacts import ArtifactMissing, ArtifactsUnavailable
from queues.job_error import Code
from queues.ledger import LedgerUnavailable
from queues.message import UnreadableMessage
from queues.request_hash import Unhashable
from workers.failure import InvalidRequest, JobFailed, described, error_of, refusal
from workers.gateway.problem import (
    RETRY_SECONDS,
    GatewayCode,
    Refused,
    not_found,
    problem_response,
)

_PLACES = {"query", "path", "header", "body"}
"""What FastAPI puts before the name of a field."""

_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")

log = structlog.get_logger(__name__)


def answer_failures(app: FastAPI) -> None:
    """Let each exception below become a problem; the last is for what nobody foresaw."""
    for kind, refused in _TABLE.items():
        app.add_exception_handler(kind, _answer(refused))


def _answer(refused: Callable[[Request, Any], Refused]) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, raised: Exception) -> Response:
        if request.method == "OPTIONS" and isinstance(raised, HTTPException):
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": _allowed(request)})
        return problem_response(refused(request, raised), request.state.request_id)

    return answer


def _invalid_parameter(_: Request, raised: RequestValidationError) -> Refused:
    problems: list[Any] = [
        {**problem, "loc": tuple(part for part in problem["loc"] if part not in _PLACES)}
        for problem in raised.errors()
    ]
    return Refused.because(refusal(described(problems)), HTTPStatus.UNPROCESSABLE_ENTITY)


def _unreadable(_: Request, raised: UnreadableMessage | Unhashable) -> Refused:
    detail = raised.detail if isinstance(raised, UnreadableMessage) else str(raised)
    return Refused(HTTPStatus.BAD_REQUEST, Code.INVALID_REQUEST, f"request: {detail}")


def _invalid_request(_: Request, raised: InvalidRequest | InvalidInput | JobFailed) -> Refused:
    return Refused.because(error_of(raised), HTTPStatus.UNPROCESSABLE_ENTITY)


def _of_routing(request: Request, raised: HTTPException) -> Refused:
    status = HTTPStatus(raised.status_code)
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        return Refused(
            status,
            GatewayCode.METHOD_NOT_ALLOWED,
            f"{request.method}: not of this resource",
            headers={"Allow": _allowed(request)},
        )
    return not_found(f"resource {request.url.path}")


def _allowed(request: Request) -> str:
    """Name every method of the resource; a route on its own knows only its own."""
    scopes = ({**request.scope, "method": method} for method in _METHODS)
    return ", ".join(
        scope["method"]
        for scope in scopes
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    )


def _away(what: str) -> Callable[[Request, Exception], Refused]:
    def refused(_: Request, raised: Exception) -> Refused:
        log.warning("service_away", service=what, error=str(raised))
        detail = f"{what} does not answer at present"
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return Refused.later(status, Code.UNAVAILABLE, detail, seconds=RETRY_SECONDS)

    return refused


def _unforeseen(_: Request, raised: Exception) -> Refused:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return Refused(status, Code.INTERNAL, f"failed unexpectedly ({type(raised).__name__})")


_TABLE: dict[type[Exception], Callable[[Request, Any], Refused]] = {
    Refused: lambda _, raised: raised,
    RequestValidationError: _invalid_parameter,
    InvalidRequest: _invalid_request,
    InvalidInput: _invalid_request,
    JobFailed: _invalid_request,
    UnreadableMessage: _unreadable,
    Unhashable: _unreadable,
    HTTPException: _of_routing,
    LedgerUnavailable: _away("the ledger"),
    RedisError: _away("the queue"),
    ArtifactsUnavailable: _away("the artifact store"),
    ArtifactMissing: lambda _, __: not_found("artifact of this kind any more"),
    Exception: _unforeseen,
}
