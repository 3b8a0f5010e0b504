"""The Celery app of the fleet."""

from __future__ import annotations

from functools import cache
from typing import Any

from celery import Celery

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import read
from config.redis import RedisSettings
from config.workers import WorkerSettings
from queues.names import Queue
from tasks.catalogue import CATALOGUE, by_name
from tasks.declaration import MERGE_SUFFIX
from workers import housekeeping
from workers.binding import bind
from workers.broker_options import broker_options
from workers.housekeeping.registrar import Registrar
from workers.intake import REFUSE, Intake
from workers.lease import JobKeeper
from workers.resources import PerProcess, open_resources
from workers.shutdown import BoundedShutdown
from workers.worker_context import WorkerContext


class FleetApp(Celery):
    """Celery, with the fleet's context; a spawned child builds it anew from its environment."""

    fleet: WorkerContext

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a call: the environment is all that makes one fleet app differ from another."""
        return fleet_app, ()


@cache
def fleet_app() -> FleetApp:
    """Give this process's app, made from its environment."""
    redis, database, artifacts, workers = read(
        RedisSettings, DatabaseSettings, ArtifactSettings, WorkerSettings
    )
    app = FleetApp("riskfleet")
    app.fleet = WorkerContext(
        settings=workers,
        resources=PerProcess(lambda: open_resources(redis, database, artifacts)),
    )
    intake = Intake(
        catalogue=by_name(),
        own_tasks=frozenset(_own_tasks()),
        max_message_bytes=workers.max_message_bytes,
        queues=frozenset(queue.value for queue in Queue),
    )
    app.conf.update(broker_options(redis, workers, intake))
    bind(app, CATALOGUE)
    housekeeping.bind(app)
    app.steps["worker"] |= {JobKeeper, BoundedShutdown, Registrar}
    app.finalize(auto=False)
    return app


def _own_tasks() -> list[str]:
    split = [declaration for declaration in CATALOGUE if declaration.fan_out]
    names = [name for each in split for name in (each.shard.name, each.name + MERGE_SUFFIX)]
    return [*names, REFUSE]
