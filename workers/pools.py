"""The four pools of workers, and the one that keeps house."""

from __future__ import annotations

from dataclasses import dataclass

from config.pools import POOLS, PoolSettings
from queues.names import Queue
from workers.intake import HOUSEKEEPING


@dataclass(frozen=True, kw_only=True)
class Pool:
    """How the workers of one kind run their jobs."""

    name: str
    queue: str
    celery_pool: str
    start_method: str = "fork"
    native_threads: int | None = 1
    """Threads that BLAS, OpenMP and numba may use in each process; None is all cores."""


_ALL = (
    # One process a core, so that each computes with one thread.
    Pool(name="cpu", queue=Queue.CPU, celery_pool="prefork"),
    # One process owns the device; its threads wait for the engine that batches their work.
    Pool(name="gpu", queue=Queue.GPU, celery_pool="threads", native_threads=None),
    # Polars used before a fork hangs the child, hence spawn; it brings its own threads.
    Pool(
        name="etl",
        queue=Queue.ETL,
        celery_pool="prefork",
        start_method="spawn",
        native_threads=None,
    ),
    Pool(name="security", queue=Queue.SECURITY, celery_pool="prefork"),
    Pool(name=HOUSEKEEPING, queue=HOUSEKEEPING, celery_pool="threads"),
)

BY_NAME = {pool.name: pool for pool in _ALL}


def settings_of(pool: Pool) -> type[PoolSettings]:
    """Give the settings type that sizes a pool."""
    return POOLS[pool.name]
