"""What a worker says of itself at each scrape: its slots and its threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from celery.worker import state
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from workers import side_thread
from workers.attendance import queue_of
from workers.metrics import declared
from workers.metrics.instruments import looked_up


class WorkerCollector(Collector):
    """Looks at the worker of this process."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the samples of this moment."""
        queue = [queue_of(self._worker)]
        slots, busy = looked_up(declared.SLOTS), looked_up(declared.SLOTS_BUSY)
        slots.add_metric(queue, self._worker.concurrency)
        busy.add_metric(queue, len(state.active_requests))
        threads = looked_up(declared.THREAD_AGE)
        for name, seconds in side_thread.idle_seconds().items():
            threads.add_metric([name], seconds)
        yield from (slots, busy, threads)
