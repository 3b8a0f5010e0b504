"""Which metrics a worker has, and the little HTTP server that shows them.

All is counted in a worker's main process, which hears of every job of its children or threads: so
one registry serves prefork, spawned and threaded pools alike.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from config.environment import read
from config.metrics import MetricsSettings
from config.redis import RedisSettings
from queues.redis_connection import connect
from tasks.catalogue import CATALOGUE
from workers.attendance import queue_of
from workers.intake import HOUSEKEEPING
from workers.metrics import declared
from workers.metrics.fleet_collector import FleetCollector
from workers.metrics.instruments import gauge
from workers.metrics.job_metrics import HousekeepingMetrics, JobMetrics
from workers.metrics.observer import FleetObserver
from workers.metrics.worker_collector import WorkerCollector

_PATIENCE_SECONDS = 2
"""For Redis at a scrape: Prometheus waits ten seconds in all."""


def of_this_process() -> CollectorRegistry:
    """Give a registry with what every process says of itself."""
    # A second series for each, that nobody asks for.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    versions = (version("riskfleet"), version("celery"), platform.python_version())
    gauge(declared.BUILD, registry).labels(*versions).set(1)
    return registry


def observe(worker: Any, registry: CollectorRegistry) -> FleetObserver:
    """Put what this worker exports into the registry, and give who counts its jobs."""
    registry.register(WorkerCollector(worker))
    queue = queue_of(worker)
    if queue != HOUSEKEEPING:
        return JobMetrics(registry, queue=queue, catalogue=CATALOGUE)
    url = read(RedisSettings).url.get_secret_value()
    redis = connect(url, patience_seconds=_PATIENCE_SECONDS)
    registry.register(FleetCollector(redis, worker.app.fleet.resources().ledger))
    return HousekeepingMetrics(registry)


def serve(registry: CollectorRegistry, settings: MetricsSettings) -> None:
    """Serve `GET /metrics` from a thread until the process ends."""
    if settings.port is None:
        raise ValueError("no port is set")
    try:
        server, _ = start_http_server(settings.port, settings.host, registry)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise OSError(f"RISKFLEET_METRICS_PORT: cannot listen on {where}: {error}") from error
    # Or a child would hold the port for a moment after a kill -9 of its parent.
    os.register_at_fork(after_in_child=server.socket.close)
