"""Whether the gateway lives, and whether it can serve. Neither asks for a token."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from fastapi import APIRouter, Response
from redis.exceptions import RedisError

from queues.ledger import LedgerUnavailable
from tasks.payload import Payload
from workers.gateway.gateway import Gateway, Here

router = APIRouter(prefix="/health", tags=["health"])


class Answering(StrEnum):
    """Whether a service answers."""

    UP = "up"
    AWAY = "away"


class Health(Payload):
    """How the gateway fares."""

    status: Answering
    """Of the whole."""
    redis: Answering | None = None
    """Without it nothing can be submitted, cancelled or followed."""
    postgres: Answering | None = None
    """Without it nobody can be let in."""


@router.get("")
async def live() -> Health:
    """Say that the gateway lives. Start it anew where this does not answer."""
    return Health(status=Answering.UP)


@router.get("/ready", responses={503: {"model": Health, "description": "Not at present."}})
def ready(here: Here, response: Response) -> Health:
    """Look whether Redis and Postgres answer. Send nobody here while this says 503."""
    health = _look(here)
    if health.status is Answering.AWAY:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return health


def _look(here: Gateway) -> Health:
    redis = postgres = Answering.UP
    try:
        here.redis.ping()
    except RedisError:
        redis = Answering.AWAY
    try:
        here.ledger.seen(())  # changes nothing, and fails where nothing can be changed
    except LedgerUnavailable:
        postgres = Answering.AWAY
    whole = Answering.UP if redis == postgres == Answering.UP else Answering.AWAY
    return Health(status=whole, redis=redis, postgres=postgres)
