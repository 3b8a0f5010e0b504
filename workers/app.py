"""The Celery app of the fleet."""

from __future__ import annotations

import resource
from functools import cache, partial
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutdown
from kombu import serialization
from kombu.utils import json as kombu_json

from config.artifacts import ArtifactSettings
from config.database import DatabaseSettings
from config.environment import read
from config.redis import RedisSettings
from config.workers import WorkerSettings
from queues.names import Queue
from tasks.catalogue import CATALOGUE, by_name
from tasks.declaration import MERGE_SUFFIX, Declaration
from workers import housekeeping
from workers.attendance import Attendance
from workers.binding import bind
from workers.broker_options import broker_options
from workers.event_batches import EventBatches
from workers.housekeeping.registrar import Registrar
from workers.housekeeping.relay import Relay
from workers.intake import HOUSEKEEPING, REFUSE, Intake
from workers.lease import JobKeeper
from workers.log import configure_logging, label_runs
from workers.metrics.observer import FleetObserver
from workers.metrics.server import MetricsServer
from workers.refusal import REFUSAL
from workers.resources import PerProcess, open_resources
from workers.shutdown import BoundedShutdown
from workers.tracing import open_tracer
from workers.worker_context import WorkerContext


class FleetApp(Celery):
    """Celery, with the fleet's context; a spawned child builds it anew from its environment."""

    fleet: WorkerContext
    observer = FleetObserver()
    """Hears, in a worker's main process, what becomes of its jobs."""
    child_data_bytes: int | None = None
    """How much data a child process may hold."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as a call: beyond the environment only the children's limit makes a difference."""
        return app_of_spawned_child, (self.child_data_bytes,)


@cache
def fleet_app() -> FleetApp:
    """Give this process's app, made from its environment."""
    redis, database, artifacts, workers = read(
        RedisSettings, DatabaseSettings, ArtifactSettings, WorkerSettings
    )
    open_tracer()  # only to say now, and not with the first job, what is wrong with its settings
    app = FleetApp("riskfleet")
    app.fleet = WorkerContext(
        settings=workers,
        resources=PerProcess(lambda: open_resources(redis, database, artifacts)),
    )
    intake = Intake(
        catalogue=by_name(),
        own_tasks=_parts_of_jobs(),
        upkeep=housekeeping.TASKS,
        max_message_bytes=workers.max_message_bytes,
        queues=frozenset((*(queue.value for queue in Queue), HOUSEKEEPING)),
    )
    app.conf.update(broker_options(redis, workers, intake))
    bind(app, CATALOGUE)
    housekeeping.bind(app)
    app.steps["consumer"].add(EventBatches)
    app.steps["worker"] |= {JobKeeper, BoundedShutdown, Registrar, Relay, Attendance, MetricsServer}
    app.finalize(auto=False)
    label_runs()
    for ending in (worker_process_shutdown, worker_shutdown):
        ending.connect(app.fleet.resources.close_tracer, weak=False)
    read_plain_json()
    return app


def read_plain_json() -> None:
    """Let Celery read JSON as what it says.

    Its own reader makes dates, bytes and the like of objects with the keys `__type__` and
    `__value__`, and of a type that it does not know an error before any task is reached.
    """
    reader = partial(kombu_json.loads, object_hook=None)
    serialization.register("json", kombu_json.dumps, reader, "application/json", "utf-8")


def app_of_spawned_child(child_data_bytes: int | None) -> FleetApp:
    """Set up a child that was started anew and inherited nothing but the environment."""
    configure_logging()
    app = fleet_app()
    limit_memory_of_children(app, child_data_bytes)
    return app


def limit_memory_of_children(app: FleetApp, data_bytes: int | None) -> None:
    """Let a child meet a `MemoryError` before the machine meets its end.

    The limit is on data, not on address space: compiled code and thread stacks reserve far more
    of that than they use.
    """
    app.child_data_bytes = data_bytes

    def limit(**_: Any) -> None:
        if data_bytes is not None:
            resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))

    worker_process_init.connect(limit, weak=False)


def _parts_of_jobs() -> dict[str, Declaration]:
    """Give the Celery tasks that are parts of jobs, with the declaration each runs under."""
    split = [declaration for declaration in CATALOGUE if declaration.fan_out]
    shards = {declaration.shard.name: declaration.shard for declaration in split}
    merges = {declaration.name + MERGE_SUFFIX: declaration for declaration in split}
    return {**shards, **merges, REFUSE: REFUSAL}
