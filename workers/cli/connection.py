"""The fleet that a command talks to: the one in the environment, else the one that runs here."""

from __future__ import annotations

import os
import pwd
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from redis import Redis

from config.database import DatabaseSettings
from config.environment import ConfigurationError, adopt, read
from config.fleet import FleetSettings
from config.redis import RedisSettings
from queues.events import EventChannel
from queues.ledger import Ledger
from queues.ledger.audit import Action, AuditTrail
from queues.names import events_key
from queues.redis_connection import connect
from workers.cli.failure import CommandMisused
from workers.supervisor.fleet_folder import FleetFolder


@dataclass(frozen=True)
class Connection:
    """The addresses of a fleet; each part is contacted when it is first used."""

    redis_url: str
    database_url: str

    @cached_property
    def redis(self) -> Redis:
        """The fleet's Redis."""
        return connect(self.redis_url)

    @cached_property
    def events(self) -> EventChannel:
        """What happens to the fleet's jobs."""
        return EventChannel(self.redis)

    @cached_property
    def ledger(self) -> Ledger:
        """The record of the fleet's jobs."""
        return Ledger(self.database_url)

    def was_sent(self, job_id: UUID) -> bool:
        """Tell whether a job was sent in the last day, whether or not a worker has taken it."""
        return bool(self.redis.exists(events_key(str(job_id))))

    def recorded(
        self,
        action: Action,
        *,
        tenant: str | None = None,
        job_id: UUID | None = None,
        detail: dict[str, Any] | None = None,
    ) -> AbstractContextManager[None]:
        """Record what the block does, as an act of whoever runs this command, unless it raises."""
        trail = AuditTrail(self.ledger.engine)
        return trail.recording(
            actor=_actor(), action=action, tenant=tenant, job_id=job_id, detail=detail
        )


def join_running_fleet() -> None:
    """Let this process use the fleet that runs in the data folder, unless told of another."""
    adopt(FleetFolder(read(FleetSettings).data).running_fleet())


def connection() -> Connection:
    """Give the addresses of the fleet. Raises `CommandMisused` if there is none."""
    join_running_fleet()
    try:
        redis, database = read(RedisSettings, DatabaseSettings)
    except ConfigurationError as error:
        hint = "or start a fleet here with `fleet up`, or name the folder of one in RISKFLEET_DATA"
        raise CommandMisused(f"{error}\n{hint}") from error
    return Connection(redis.url.get_secret_value(), database.url.get_secret_value())


def _actor() -> str:
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a user that it has no name for
        name = str(number)
    return f"cli:{name}@{socket.gethostname()}"
