"""What holds for every request: how many at once, how slow a client may be, what headers go out."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queues.job_error import Code
from workers.gateway.problem import RETRY_SECONDS, GatewayCode, Refused, problem_response

PATIENCE = timedelta(seconds=60)
"""A client that takes no more of its answer for so long is let go of."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger(__name__)


class Guard:
    """Stands before the app; says in the log how each request ended."""

    def __init__(self, app: ASGIApp, *, at_most: int) -> None:
        self._app = app
        self._at_most = at_most
        self._served = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, unless too many are being served."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state = {**scope.get("state", {}), "request_id": request_id, "token": None}
        began, status = time.perf_counter(), 0

        async def patiently(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in {**_HEADERS, "X-Request-Id": request_id}.items():
                    headers.setdefault(name, value)
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await send(message)

        app = self._app if self._served < self._at_most else _busy(request_id)
        if _has_two_lengths(scope):
            app = _ambiguous(request_id)
        self._served += 1
        try:
            await app({**scope, "method": _method(scope), "state": state}, receive, patiently)
        except TimeoutError:
            log.info("client_too_slow", request=request_id)
        finally:
            self._served -= 1
            token = state["token"]
            log.info(
                "request_served",
                request=request_id,
                method=scope["method"],
                path=scope["path"],
                status=status,
                seconds=round(time.perf_counter() - began, 4),
                token=token and str(token.id),
                tenant=token and token.tenant,
            )


def _request_id(scope: Scope) -> str:
    """Give the caller's id of the request if it has a usable one, else one of ours."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid4())


def _method(scope: Scope) -> str:
    """Serve HEAD as GET: the server leaves the body out. An event stream would have no end."""
    method: str = scope["method"]
    return "GET" if method == "HEAD" and not scope["path"].endswith("/events") else method


def _has_two_lengths(scope: Scope) -> bool:
    """Tell whether a proxy before us may see the request end elsewhere than we do."""
    headers = Headers(scope=scope)
    return "content-length" in headers and "transfer-encoding" in headers


def _ambiguous(request_id: str) -> ASGIApp:
    refused = Refused(
        HTTPStatus.BAD_REQUEST,
        Code.INVALID_REQUEST,
        "the body: expected Content-Length or Transfer-Encoding, received both",
        headers={"Connection": "close"},
    )
    return problem_response(refused, request_id)


def _busy(request_id: str) -> ASGIApp:
    refused = Refused.later(
        HTTPStatus.SERVICE_UNAVAILABLE,
        GatewayCode.BUSY,
        "the gateway serves as many requests as it may",
        seconds=RETRY_SECONDS,
    )
    return problem_response(refused, request_id)
