"""Which programs make up a fleet on one machine, and how they reach each other."""

from __future__ import annotations

import http.client
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
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
from config.gateway import GatewaySettings
from config.metrics import MetricsSettings
from config.redis import RedisSettings
from config.workers import WorkerSettings
from workers.embedded.password import kept_password
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis
from workers.intake import HOUSEKEEPING
from workers.metrics.server import check_extra, is_installed
from workers.supervisor.program import Program
from workers.supervisor.supervisor import Stages

_FLEET = (sys.executable, "-m", "workers.cli")
_ROOM_TO_STOP = timedelta(seconds=15)
"""What a worker may need beyond the wait for its jobs."""
_ROOM_TO_START = timedelta(minutes=5)
"""Half a minute of compiling, where nothing is warm, on a machine that has other things to do."""
_FIRST_METRICS_PORT = 9540
_LAST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A fleet ready to be supervised."""

    stages: Stages
    variables: Mapping[str, str]
    """What another command needs in its environment to reach the fleet."""
    flower_url: str | None
    flower_password_at: str
    """Where its password is to be found: a file of ours, or a variable of yours."""
    metrics: Mapping[str, str]
    """Worker -> `host:port` of its metrics; empty without the extra."""
    gateway_url: str | None


def plan_fleet(
    folder: Path, pools: Sequence[str], given: GivenServices, *, with_gateway: bool = False
) -> Fleet:
    """Plan the services that are not given, then migrations, workers, beat, Flower, gateway."""
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

    own_password = folder / "flower-password"
    workers, flower, artifacts = read(
        WorkerSettings,
        FlowerSettings,
        ArtifactSettings,
        defaults={
            "RISKFLEET_ARTIFACTS": str(folder / "artifacts"),
            "RISKFLEET_FLOWER_PASSWORD": kept_password(own_password),
            "RISKFLEET_FLOWER_PORT": str(_free_port(preferred=5555)),
        },
    )
    redis_settings = RedisSettings(url=redis_url)
    database_settings = DatabaseSettings(url=database_url)
    environment = for_child(
        redis_settings, database_settings, artifacts, flower, PYTHONUNBUFFERED="1"
    )
    names = (*pools, HOUSEKEEPING)
    metrics = _places_of_metrics((*names, "gateway") if with_gateway else names)
    workforce = [
        _worker(name, {**environment, **_variables(metrics.get(name))}, workers) for name in names
    ]
    workforce.append(
        Program(
            name="beat", command=(*_FLEET, "beat"), environment=environment, ready_line="beat_ready"
        )
    )
    is_own = flower.flower_password.get_secret_value() == own_password.read_text()
    flower_url = None
    if find_spec("flower") is not None:
        flower_url = f"http://{flower.flower_host}:{flower.flower_port}"
        workforce.append(_flower(environment, flower))
    gateway = _gateway_settings(folder) if with_gateway else None
    if gateway is not None:
        place = _variables(metrics.get("gateway"))
        workforce.append(_gateway({**environment, **place}, gateway))
    migration = Program(
        name="migrate", command=(*_FLEET, "migrate"), environment=environment, runs_once=True
    )
    return Fleet(
        stages=[services, [migration], workforce],
        variables={
            "REDIS_URL": redis_url.get_secret_value(),
            "DATABASE_URL": database_url.get_secret_value(),
            "RISKFLEET_ARTIFACTS": artifacts.artifacts,
            "RISKFLEET_FLOWER_PORT": str(flower.flower_port),
            **({} if gateway is None else {"RISKFLEET_GATEWAY_PORT": str(gateway.port)}),
        },
        flower_url=flower_url,
        flower_password_at=str(own_password) if is_own else "RISKFLEET_FLOWER_PASSWORD",
        metrics={name: f"{place.host}:{place.port}" for name, place in metrics.items()},
        gateway_url=None if gateway is None else f"http://{gateway.host}:{gateway.port}",
    )


def _places_of_metrics(names: Sequence[str]) -> dict[str, MetricsSettings]:
    """Give each worker a free port, the first of them the one that was asked for if it is free."""
    check_extra()
    if not is_installed():
        return {}
    asked = read(MetricsSettings)
    ports = _free_ports(asked.port or _FIRST_METRICS_PORT)
    return {name: MetricsSettings(port=next(ports), host=asked.host) for name in names}


def _variables(place: MetricsSettings | None) -> dict[str, str]:
    if place is None:
        return {}
    return {variable: str(getattr(place, name)) for variable, name, _ in place.fields()}


def _worker(name: str, environment: Mapping[str, str], settings: WorkerSettings) -> Program:
    return Program(
        name=name,
        command=(*_FLEET, "worker", name),
        environment=environment,
        ready_line="worker_ready",
        patience=_ROOM_TO_START,
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


def _gateway_settings(folder: Path) -> GatewaySettings:
    return read(
        GatewaySettings,
        defaults={
            "RISKFLEET_GATEWAY_SIGNING_KEY": kept_password(folder / "gateway-signing-key"),
            "RISKFLEET_GATEWAY_PORT": str(_free_port(preferred=8080)),
        },
    )


def _gateway(environment: Mapping[str, str], settings: GatewaySettings) -> Program:
    return Program(
        name="gateway",
        command=(*_FLEET, "gateway"),
        environment=for_child(settings, **environment),
        ready_line="gateway_ready",
        grace=timedelta(seconds=settings.grace_seconds) + _ROOM_TO_STOP,
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


def _free_ports(first: int) -> Iterator[int]:
    return (port for port in range(first, _LAST_PORT + 1) if _is_free(port))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
