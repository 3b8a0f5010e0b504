"""Which programs make up a fleet on one machine, and how they reach each other."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from pydantic import SecretStr

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import for_child, read
from config.fleet import GivenServices
from config.flower import FlowerSettings
from config.redis import RedisSettings
from config.workers import WorkerSettings
from workers.embedded.password import kept_password
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis
from workers.intake import HOUSEKEEPING
from workers.supervisor.program import Program
from workers.supervisor.supervisor import Stages

_FLEET = (sys.executable, "-m", "workers.cli")
_ROOM_TO_STOP = timedelta(seconds=15)
"""What a worker may need beyond the wait for its jobs."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A fleet ready to be supervised."""

    stages: Stages
    variables: Mapping[str, str]
    """What another command needs in its environment to reach the fleet."""
    flower_url: str | None


def plan_fleet(folder: Path, pools: Sequence[str], given: GivenServices) -> Fleet:
    """Plan the services that are not given, then migrations, workers, beat and Flower."""
    services: list[Program] = []
    redis_url, database_url = given.redis_url, given.database_url
    if redis_url is None:
        redis = EmbeddedRedis(folder / "redis")
        services.append(redis.prepare())
        redis_url = SecretStr(redis.url)
    if database_url is None:
        postgres = EmbeddedPostgres(folder / "postgres")
        services.append(postgres.prepare())
        database_url = SecretStr(postgres.url)

    workers, flower, artifacts = read(
        WorkerSettings,
        FlowerSettings,
        ArtifactSettings,
        defaults={
            "RISKFLEET_ARTIFACTS": str(folder / "artifacts"),
            "RISKFLEET_FLOWER_PASSWORD": kept_password(folder / "flower-password"),
            "RISKFLEET_FLOWER_PORT": str(_free_port(preferred=5555)),
        },
    )
    redis_settings = RedisSettings(url=redis_url)
    database_settings = DatabaseSettings(url=database_url)
    environment = for_child(
        redis_settings, database_settings, artifacts, flower, PYTHONUNBUFFERED="1"
    )
    workforce = [_worker(name, environment, workers) for name in (*pools, HOUSEKEEPING)]
    workforce.append(
        Program(
            name="beat", command=(*_FLEET, "beat"), environment=environment, ready_line="beat_ready"
        )
    )
    flower_url = None
    if find_spec("flower") is not None:
        flower_url = f"http://{flower.flower_host}:{flower.flower_port}"
        workforce.append(_flower(environment, flower))
    migration = Program(
        name="migrate", command=(*_FLEET, "migrate"), environment=environment, runs_once=True
    )
    return Fleet(
        stages=[services, [migration], workforce],
        variables={
            "REDIS_URL": redis_url.get_secret_value(),
            "DATABASE_URL": database_url.get_secret_value(),
            "RISKFLEET_ARTIFACTS": artifacts.artifacts,
        },
        flower_url=flower_url,
    )


def _worker(name: str, environment: Mapping[str, str], settings: WorkerSettings) -> Program:
    return Program(
        name=name,
        command=(*_FLEET, "worker", name),
        environment=environment,
        ready_line="worker_ready",
        grace=timedelta(seconds=settings.soft_shutdown_seconds) + _ROOM_TO_STOP,
    )


def _flower(environment: Mapping[str, str], settings: FlowerSettings) -> Program:
    def is_healthy() -> bool:
        connection = http.client.HTTPConnection(
            settings.flower_host, settings.flower_port, timeout=1
        )
        try:
            connection.request("GET", "/healthcheck")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return Program(
        name="flower",
        command=(*_FLEET, "flower"),
        environment=environment,
        is_ready=is_healthy,
        stop_signal=signal.SIGTERM,
    )


def _free_port(*, preferred: int) -> int:
    for port in (preferred, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as listener:
                found: int = listener.getsockname()[1]
                return found
        except OSError:
            continue
    raise OSError("no port is free on 127.0.0.1")
