"""What every route needs: the fleet's services, and who asks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from redis import Redis

from config.gateway import GatewaySettings
from queues.artifacts import ArtifactStore
from queues.ledger import Ledger
from queues.ledger.audit import Action, AuditTrail
from queues.ledger.tokens import AccessToken
from workers.gateway.artifact_links import ArtifactLinks
from workers.gateway.bearers import Bearers
from workers.gateway.event_streams import EventStreams
from workers.gateway.problem import GatewayCode, Refused
from workers.gateway.rate_limit import RateLimit


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The services of one gateway. Each is lazy and mends itself."""

    settings: GatewaySettings
    redis: Redis
    ledger: Ledger
    audit: AuditTrail
    artifacts: ArtifactStore
    bearers: Bearers
    rate_limit: RateLimit
    links: ArtifactLinks
    streams: EventStreams

    def act(
        self,
        caller: AccessToken,
        action: Action,
        *,
        job_id: UUID | None = None,
        detail: dict[str, Any],
    ) -> AbstractContextManager[None]:
        """Record what the block does, as an act of the token's bearer, unless it raises."""
        return self.audit.recording(
            actor=actor(caller), action=action, tenant=caller.tenant, job_id=job_id, detail=detail
        )


def actor(caller: AccessToken) -> str:
    """Name the token's bearer, as the audit trail and the origin of a job do."""
    return f"gateway:{caller.id}"


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


Here = Annotated[Gateway, Depends(_gateway)]
"""The gateway that serves the request."""

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `fleet tokens create`. It acts for one tenant.",
)


def _caller(
    request: Request,
    here: Here,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> AccessToken:
    token = here.bearers.bearer(None if credentials is None else credentials.credentials)
    request.state.token = token
    wait = here.rate_limit.wait_for(token.id)
    if wait:
        status = HTTPStatus.TOO_MANY_REQUESTS
        detail = f"more than {here.settings.requests_per_second:g} requests a second"
        raise Refused.later(status, GatewayCode.RATE_LIMITED, detail, seconds=wait)
    return token


Caller = Annotated[AccessToken, Depends(_caller)]
"""Who asks, by a token that was checked and does not ask too often."""
