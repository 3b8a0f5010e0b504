"""A gateway that runs: uvicorn on a free port, before the Redis and Postgres of a fleet."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.gateway import GatewaySettings
from config.redis import RedisSettings
from queues.ledger.tokens import AccessTokens
from tests.conftest import running_fleet
from tests.fleet import FleetUnderTest, eventually
from workers.embedded.postgres import EmbeddedPostgres
from workers.gateway.gateway import Gateway
from workers.gateway.server import GatewayServer, open_gateway

_GENEROUS: dict[str, Any] = {
    "signing_key": SecretStr("a key for tests, and for tests only"),
    "requests_per_second": 10_000,
    "request_burst": 10_000,
}


@dataclass(frozen=True)
class RunningGateway:
    """A gateway, and the clients of its tenants."""

    gateway: Gateway
    server: GatewayServer

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.gateway.settings.port}"

    def stop(self) -> None:
        """Tell it to stop, as SIGTERM does."""
        self.server.should_exit = True

    def token(self, tenant: str = "acme", *, lifetime: timedelta | None = None) -> str:
        """A token of a tenant."""
        tokens = AccessTokens(self.gateway.ledger.engine)
        return tokens.create(tenant=tenant, name="for a test", lifetime=lifetime)[1]

    def client(self, token: str | None = None, *, tenant: str = "acme") -> httpx.Client:
        """A client that shows a token."""
        shown = token or self.token(tenant)
        return httpx.Client(
            base_url=self.address, headers={"Authorization": f"Bearer {shown}"}, timeout=30
        )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(fleet: FleetUnderTest, **settings: Any) -> Iterator[RunningGateway]:
    """Serve a gateway in a thread of this process until the block ends."""
    gateway = open_gateway(
        GatewaySettings(**{**_GENEROUS, "port": free_port()} | settings),
        RedisSettings(url=SecretStr(fleet.redis_server.url)),
        DatabaseSettings(url=SecretStr(fleet.database_url)),
        ArtifactSettings(artifacts=str(fleet.folder / "artifacts")),
    )
    server = GatewayServer(gateway)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started or not thread.is_alive())
    running = RunningGateway(gateway, server)
    try:
        yield running
    finally:
        running.stop()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def gateway_fleet(
    tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres
) -> Iterator[FleetUnderTest]:
    """A running fleet that the tests of this folder share."""
    with running_fleet(tmp_path_factory.mktemp("gateway"), postgres) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def running(gateway_fleet: FleetUnderTest) -> Iterator[RunningGateway]:
    """A gateway before a fleet with a worker."""
    with serving(gateway_fleet) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def client(running: RunningGateway) -> Iterator[httpx.Client]:
    """A client of the tenant acme."""
    with running.client() as client:
        yield client
