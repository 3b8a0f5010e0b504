"""What a worker process holds: its connections and settings, opened after the fork."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.redis import RedisSettings
from queues.artifacts import ArtifactStore, open_store
from queues.events import EventChannel
from queues.ledger import Ledger
from queues.redis_connection import connect
from workers.tracing import NO_TRACER, Tracer, open_tracer


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Connections of one process. Each is lazy and mends itself."""

    redis: Redis
    events: EventChannel
    ledger: Ledger
    artifacts: ArtifactStore
    tracer: Tracer = NO_TRACER


def open_resources(
    redis: RedisSettings, database: DatabaseSettings, artifacts: ArtifactSettings
) -> Resources:
    """Open what a worker process needs; nothing is contacted yet."""
    client = connect(redis.url.get_secret_value())
    return Resources(
        redis=client,
        events=EventChannel(client),
        ledger=Ledger(database.url.get_secret_value()),
        artifacts=open_store(artifacts.artifacts),
        tracer=open_tracer(),
    )


class PerProcess:
    """Gives each process its own resources: connections do not survive a fork."""

    def __init__(self, open_them: Callable[[], Resources]) -> None:
        self._open = open_them
        self._owner = 0
        self._resources: Resources | None = None

    def __call__(self) -> Resources:
        """Give this process's resources, opened on first use."""
        if self._resources is None or self._owner != os.getpid():
            self._resources = self._open()
            self._owner = os.getpid()
        return self._resources

    def close_tracer(self, **_: object) -> None:
        """Send this process's last spans, if it has any."""
        if self._resources is not None and self._owner == os.getpid():
            self._resources.tracer.close()
