"""How the gateway says no: RFC 9457, with the code, remedy and fields of docs/wire.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from fastapi import Response

from queues.job_error import Code, FieldProblem, JobError, Remedy
from tasks.payload import Payload

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
"""When to ask again where nothing better is known."""


class GatewayCode(StrEnum):
    """What is wrong with an HTTP request, where no code of a job says it."""

    UNAUTHENTICATED = "unauthenticated"
    """There is no valid token in `Authorization: Bearer`."""
    NOT_FOUND = "not_found"
    """There is nothing here, or it is another tenant's."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The header `Allow` names the methods that are."""
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    """A body is `application/json`, in UTF-8 and not compressed."""
    TOO_SLOW = "too_slow"
    """The body did not arrive in time."""
    LINK_NOT_VALID = "link_not_valid"
    """The link to an artifact was changed, or its time has passed: ask for another."""
    UNFINISHED = "unfinished"
    """The job has no result yet."""
    RATE_LIMITED = "rate_limited"
    """The token asks too often, or holds too many event streams."""
    BUSY = "busy"
    """The gateway serves as many requests as it may."""

    @property
    def remedy(self) -> Remedy:
        """What the reader of this code can do."""
        waits = {self.UNFINISHED, self.RATE_LIMITED, self.BUSY}
        return Remedy.WAIT if self in waits else Remedy.CHANGE_REQUEST


class Problem(Payload):
    """Why a request was not served."""

    type: str = "about:blank"
    """No page explains it further: `code` does."""
    title: str
    """The status in words."""
    status: int
    """The status of the response."""
    detail: str
    """What was expected and what came."""
    code: Code | GatewayCode
    """For programs; never changes."""
    remedy: Remedy
    """What the reader can do."""
    fields: tuple[FieldProblem, ...] = ()
    """What is wrong with which field."""
    request_id: str
    """Also in the header `X-Request-Id` and in the gateway's log."""


class Refused(Exception):
    """The request is not served; the client learns why."""

    def __init__(
        self,
        status: HTTPStatus,
        code: Code | GatewayCode,
        detail: str,
        *,
        fields: tuple[FieldProblem, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.fields = fields
        self.headers = dict(headers or {})

    @classmethod
    def because(cls, error: JobError, status: HTTPStatus) -> Refused:
        """Refuse with an error as jobs have it."""
        return cls(status, error.code, error.message, fields=error.fields)

    @classmethod
    def later(
        cls, status: HTTPStatus, code: Code | GatewayCode, detail: str, *, seconds: float
    ) -> Refused:
        """Refuse for now."""
        headers = {"Retry-After": str(max(1, round(seconds)))}
        return cls(status, code, detail, headers=headers)


def not_found(what: str) -> Refused:
    """Refuse what is not there for this caller."""
    return Refused(HTTPStatus.NOT_FOUND, GatewayCode.NOT_FOUND, f"there is no {what}")


def problem_response(refused: Refused, request_id: str) -> Response:
    """Give the response that says why."""
    problem = Problem(
        title=refused.status.phrase,
        status=refused.status,
        detail=str(refused),
        code=refused.code,
        remedy=refused.code.remedy,
        fields=refused.fields,
        request_id=request_id,
    )
    return Response(
        problem.model_dump_json(), refused.status, refused.headers, media_type=MEDIA_TYPE
    )
