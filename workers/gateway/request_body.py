"""The body of a request: read no further than it may be long, and as workers read JSON."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from engines.errors import InvalidInput
from queues.job_error import Code
from queues.message import read_json
from tasks.declaration import Declaration
from tasks.payload import Payload
from workers.failure import InvalidRequest
from workers.gateway.problem import GatewayCode, Refused
from workers.intake import size_of

PATIENCE = timedelta(seconds=30)
"""A body that takes longer to arrive is not waited for."""

_CLOSE = {"Connection": "close"}
"""What is still to come of the body is not worth reading."""


async def json_bytes(request: Request, *, at_most: int) -> bytes:
    """Give the body, which says of itself that it is JSON."""
    _check_media_type(request)
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > at_most:
        raise _too_large(f"{int(announced)} bytes", at_most)
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            async for chunk in request.stream():
                body += chunk
                if len(body) > at_most:
                    raise _too_large("more", at_most)
    except TimeoutError as error:
        raise Refused(
            HTTPStatus.REQUEST_TIMEOUT,
            GatewayCode.TOO_SLOW,
            f"the body: expected within {PATIENCE.total_seconds():g} s",
            headers=_CLOSE,
        ) from error
    return bytes(body)


def request_in(body: bytes, declaration: Declaration) -> dict[str, Any]:
    """Give the request in a body, as it came; raises what is wrong with it."""
    request = read_json(body, "not_json")
    _check_size(request, declaration)
    try:
        declaration.request.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(error) from error
    valid: dict[str, Any] = request
    return valid


def named_request_in(body: bytes, declaration: Declaration, name: str) -> Payload:
    """Give the request whose field `name` is in the address, and whose others are in the body."""
    request = read_json(body, "not_json")
    _check_size(request, declaration)
    if isinstance(request, dict):
        if "name" in request:
            raise InvalidInput("name", expected="no field of this name", received=request["name"])
        request["name"] = name
    try:
        return declaration.request.model_validate_json(json.dumps(request))
    except ValidationError as error:
        raise InvalidRequest(error) from error


def _check_size(request: Any, declaration: Declaration) -> None:
    limit = declaration.terms.max_request_bytes
    if (size := size_of(request)) > limit:
        raise _too_large(f"{size} bytes", limit)


def _check_media_type(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    encoding = request.headers.get("content-encoding", "identity").lower()
    if (
        media_type.strip() != "application/json"
        or charset not in ("", "utf-8")
        or encoding != "identity"
    ):
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            GatewayCode.UNSUPPORTED_MEDIA_TYPE,
            "Content-Type: expected application/json, in UTF-8 and not compressed",
            headers=_CLOSE,
        )


def _too_large(received: str, limit: int) -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Code.TOO_LARGE,
        f"the request: expected at most {limit} bytes, received {received}",
        headers=_CLOSE,
    )
