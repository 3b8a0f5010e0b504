"""`fleet health`: whether a process of this machine does its work, for containers' healthchecks."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from typing import Annotated

import typer
from redis import Redis
from redis.exceptions import RedisError

from config.database import DatabaseSettings
from config.environment import read
from config.flower import FlowerSettings
from config.gateway import GatewaySettings
from config.pools import POOLS
from config.redis import RedisSettings
from queues.attendance import present
from queues.ledger import LedgerUnavailable
from queues.ledger.connection import open_engine, transaction
from queues.redis_connection import connect
from workers.cli.connection import join_running_fleet
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.printing import console

_WORKERS = (*POOLS, "housekeeping")
_ALL = (*_WORKERS, "beat", "flower", "gateway")
_WITH_LEDGER = (*_WORKERS, "gateway")
_HTTP_SECONDS = 5
_NOT_NEEDED = "nobody is asked for a secret here"
_BEAT_LOCK = "redbeat::lock"
"""RedBeat's own key; whoever sends by the clock holds it, and renews it."""


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command()(health)


def health(
    service: Annotated[str, typer.Argument(help=", ".join(_ALL))],
    itself: Annotated[
        bool,
        typer.Option(
            "--itself",
            help="Forgive Redis and Postgres: what waits for them is not mended by a restart.",
        ),
    ] = False,
) -> None:
    """Tell whether a service of the fleet lives on this machine, and reaches what it needs."""
    if service not in _ALL:
        raise CommandMisused(f"no service is called {service}; there are {', '.join(_ALL)}")
    join_running_fleet()
    complaints = list(_complaints(service, itself=itself))
    if complaints:
        raise CommandFailed("; ".join(complaints))
    console.print(f"{service} is well")


def _complaints(service: str, *, itself: bool) -> Iterator[str]:
    redis = connect(read(RedisSettings).url.get_secret_value())
    try:
        if not itself:
            redis.ping()
        if not _is_there(service, redis):
            yield f"nothing is heard of {service} on {socket.gethostname()}"
    except RedisError as error:
        if not itself:
            yield f"Redis (REDIS_URL) does not answer: {error}"
    if service in _WITH_LEDGER and not itself:
        try:
            with transaction(open_engine(read(DatabaseSettings).url.get_secret_value())):
                pass
        except LedgerUnavailable as error:
            yield f"Postgres (DATABASE_URL) does not answer: {error}"


def _is_there(service: str, redis: Redis) -> bool:
    if service == "beat":
        return bool(redis.exists(_BEAT_LOCK))  # one of several is enough
    if service == "flower":
        flower = read(FlowerSettings, defaults={"RISKFLEET_FLOWER_PASSWORD": _NOT_NEEDED})
        return _answers(flower.flower_host, flower.flower_port, "/healthcheck")
    if service == "gateway":
        gateway = read(GatewaySettings, defaults={"RISKFLEET_GATEWAY_SIGNING_KEY": _NOT_NEEDED})
        return _answers(gateway.host, gateway.port, "/health")
    workers = (worker.name.rpartition("@") for worker in present(redis))
    here = socket.gethostname()
    return any(host == here and name.startswith(f"{service}-") for name, _, host in workers)


def _answers(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_HTTP_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
