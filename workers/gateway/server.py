"""Serve the gateway: uvicorn, with an end to its patience, and an orderly stop."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta
from typing import Any

import structlog
import uvicorn
from redis.asyncio import Redis as AsyncRedis
from uvicorn.protocols.http.h11_impl import H11Protocol

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import read
from config.gateway import GatewaySettings
from config.redis import RedisSettings
from queues.artifacts import open_store
from queues.ledger import Ledger
from queues.ledger.audit import AuditTrail
from queues.ledger.tokens import AccessTokens
from queues.redis_connection import connect
from workers.gateway.app import gateway_app
from workers.gateway.artifact_links import ArtifactLinks
from workers.gateway.bearers import Bearers
from workers.gateway.event_streams import EventStreams
from workers.gateway.gateway import Gateway
from workers.gateway.guard import Guard
from workers.gateway.rate_limit import RateLimit
from workers.log import configure_logging
from workers.metrics.server import serve_process_metrics

HEAD_PATIENCE = timedelta(seconds=10)
"""Between requests, a connection that brings no whole head in this time is closed."""
_REDIS_PATIENCE_SECONDS = 5
_KEPT_CONNECTIONS = 10
_MOST_HEAD_BYTES = 16 << 10
_IDLE_CONNECTIONS = 100

log = structlog.get_logger(__name__)


def run_gateway() -> None:
    """Serve until told to stop."""
    configure_logging()
    serve_process_metrics()
    settings, redis, database, artifacts = read(
        GatewaySettings, RedisSettings, DatabaseSettings, ArtifactSettings
    )
    GatewayServer(open_gateway(settings, redis, database, artifacts)).run()


def open_gateway(
    settings: GatewaySettings,
    redis: RedisSettings,
    database: DatabaseSettings,
    artifacts: ArtifactSettings,
) -> Gateway:
    """Open what a gateway needs; nothing is contacted yet."""
    redis_url = redis.url.get_secret_value()
    ledger = Ledger(database.url.get_secret_value(), kept_connections=_KEPT_CONNECTIONS)
    return Gateway(
        settings=settings,
        redis=connect(redis_url, patience_seconds=_REDIS_PATIENCE_SECONDS),
        ledger=ledger,
        audit=AuditTrail(ledger.engine),
        artifacts=open_store(artifacts.artifacts),
        bearers=Bearers(AccessTokens(ledger.engine)),
        rate_limit=RateLimit(per_second=settings.requests_per_second, burst=settings.request_burst),
        links=ArtifactLinks(
            settings.signing_key, lifetime=timedelta(seconds=settings.link_seconds)
        ),
        streams=EventStreams(
            redis=AsyncRedis.from_url(
                redis_url,
                decode_responses=True,
                encoding_errors="replace",
                socket_timeout=_REDIS_PATIENCE_SECONDS,
                socket_connect_timeout=_REDIS_PATIENCE_SECONDS,
            ),
            ledger=ledger,
        ),
    )


class GatewayServer(uvicorn.Server):
    """Says when it listens, and ends event streams when it stops."""

    def __init__(self, gateway: Gateway) -> None:
        settings = gateway.settings
        super().__init__(
            uvicorn.Config(
                Guard(gateway_app(gateway), at_most=settings.max_requests),
                host=settings.host,
                port=settings.port,
                http=ImpatientConnection,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                # Ours answers first, with a problem; this holds off a flood of connections.
                limit_concurrency=2 * settings.max_requests + _IDLE_CONNECTIONS,
                timeout_graceful_shutdown=settings.grace_seconds,
                h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
            )
        )
        self._gateway = gateway

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            settings = self._gateway.settings
            log.info("gateway_ready", host=settings.host, port=settings.port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let requests finish; who follows a job is told to come back."""
        self._gateway.streams.is_stopping = True
        await super().shutdown(sockets)
        await self._gateway.streams.redis.aclose()
        self._gateway.ledger.close()


class ImpatientConnection(H11Protocol):
    """Closes a connection on which nothing is served and no request comes, for too long.

    uvicorn is patient for ever with the first head, with the rest of a head or of a body that
    nobody reads, and with a client that does not take the rest of its answer.
    """

    _timer: asyncio.TimerHandle | None = None
    _untaken = 0

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait_between_requests()

    def data_received(self, data: bytes) -> None:
        """Read on; wait unless a head is whole."""
        super().data_received(data)
        self._wait_between_requests()

    def on_response_complete(self) -> None:
        """Go on to the next request, or wait for it."""
        super().on_response_complete()
        self._wait_between_requests()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_between_requests(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._timer is None:
            self._wait()

    def _wait(self) -> None:
        self._untaken = self.transport.get_write_buffer_size()
        self._timer = self.loop.call_later(HEAD_PATIENCE.total_seconds(), self._lose_patience)

    def _lose_patience(self) -> None:
        if self.transport.get_write_buffer_size() < self._untaken:
            self._wait()  # slow, but it takes its answer
        else:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
