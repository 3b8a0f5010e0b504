"""Start one worker, as `fleet worker POOL` does."""

from __future__ import annotations

import os
import socket
import warnings
from typing import Any

import structlog
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning
from celery.signals import setup_logging, worker_ready

from config.environment import read
from config.pools import PoolSettings
from workers.app import fleet_app, limit_memory_of_children
from workers.intake import HOUSEKEEPING
from workers.log import configure_logging
from workers.metrics.server import check_extra
from workers.pools import BY_NAME, settings_of
from workers.warm_up import warm_up

log = structlog.get_logger(__name__)

_HOUSEKEEPING_SIZE = PoolSettings(concurrency=2, memory_mib=1024)
_ROOM_ABOVE_LIMIT = 1.5


def run_worker(name: str) -> int:
    """Run a worker of a pool until it is told to stop; gives its exit code."""
    configure_logging()
    _warn_of_root()
    _quieten_celery()
    setup_logging.connect(_keep_our_logging, weak=False)
    check_extra()
    pool = BY_NAME[name]
    size = _HOUSEKEEPING_SIZE if name == HOUSEKEEPING else read(settings_of(pool))
    app = fleet_app()
    app.conf.worker_pool_start_method = pool.start_method
    if pool.celery_pool == "prefork":
        app.conf.worker_max_memory_per_child = size.memory_mib << 10
        limit_memory_of_children(app, int(size.memory_mib * _ROOM_ABOVE_LIMIT) << 20)
    worker = app.Worker(
        hostname=f"{name}-{os.getpid()}@{socket.gethostname()}",
        pool=pool.celery_pool,
        concurrency=size.concurrency,
        queues=[str(pool.queue)],
        optimization="fair",
        task_events=True,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
        loglevel="WARNING",
    )
    warm_up(pool.queue)  # before the pool is forked: its processes inherit what is warm
    log.info("worker_starting", pool=name, queue=str(pool.queue), concurrency=size.concurrency)
    worker_ready.connect(_say_ready, weak=False)
    worker.start()
    return int(worker.exitcode or 0)


def _say_ready(**_: Any) -> None:
    log.info("worker_ready")


def _keep_our_logging(**_: Any) -> None:
    """Tell Celery, by listening to this signal, that logging is set up."""


def _quieten_celery() -> None:
    """Keep a paragraph about Celery 6 out of the log of every worker that loses Redis."""
    warnings.simplefilter("ignore", CPendingDeprecationWarning)


def _warn_of_root() -> None:
    """Say it in a line: Celery's own warning is a page, about an option that we do not have."""
    warnings.simplefilter("ignore", SecurityWarning)
    if os.geteuid() == 0:
        log.warning("running_as_root", advice="run workers as an ordinary user")
