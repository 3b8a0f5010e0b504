"""What housekeeping says of the whole fleet, looked up at each scrape.

A scrape never fails: of a store that does not answer it says just that, and leaves out what only
that store knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from queues.ledger import Ledger, LedgerUnavailable, State
from queues.ledger.overview import Overview, overview
from queues.names import Priority, Queue
from queues.traffic import Traffic, traffic
from workers.metrics import declared
from workers.metrics.declared import Metric
from workers.metrics.instruments import looked_up


class FleetCollector(Collector):
    """Looks at Redis and the ledger. `redis` should give up within seconds."""

    def __init__(self, redis: Redis, ledger: Ledger) -> None:
        self._redis = redis
        self._ledger = ledger

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the samples of this moment."""
        try:
            found = traffic(self._redis)
        except RedisError:
            yield _one(declared.REDIS_UP, 0)
        else:
            yield _one(declared.REDIS_UP, 1)
            yield from _of_redis(found)
        try:
            standing = overview(self._ledger.engine)
        except LedgerUnavailable:
            yield _one(declared.POSTGRES_UP, 0)
        else:
            yield _one(declared.POSTGRES_UP, 1)
            yield from _of_the_ledger(standing)


def _of_redis(found: Traffic) -> Iterator[GaugeMetricFamily]:
    depth, workers = looked_up(declared.QUEUE_DEPTH), looked_up(declared.WORKERS)
    for (queue, priority), count in found.waiting.items():
        depth.add_metric([queue.value, priority.value], count)
    there = Counter(worker.queue for worker in found.workers)
    for queue in Queue:
        workers.add_metric([queue.value], there[queue.value])
    yield from (depth, workers)
    yield _one(declared.IN_HAND, found.in_hand)
    yield _one(declared.DEAD_LETTERS, found.dead_letters)
    yield _one(declared.REDIS_SECONDS, found.round_trip_seconds)
    yield _one(declared.REDIS_MEMORY, found.memory_used_bytes)
    yield _one(declared.REDIS_MEMORY_MAX, found.memory_max_bytes)


def _of_the_ledger(found: Overview) -> Iterator[GaugeMetricFamily]:
    oldest, jobs = looked_up(declared.QUEUE_OLDEST), looked_up(declared.JOBS)
    overdue = looked_up(declared.LEASES_OVERDUE)
    standings = {(each.queue, each.priority): each for each in found.standings}
    for queue in Queue:
        here = [each for each in found.standings if each.queue == queue]
        for priority in Priority:
            there = standings.get((queue.value, priority.value))
            oldest.add_metric([queue.value, priority.value], there.oldest_seconds if there else 0)
        jobs.add_metric([queue.value, State.ACCEPTED.value], sum(each.accepted for each in here))
        jobs.add_metric([queue.value, State.RUNNING.value], sum(each.running for each in here))
        overdue.add_metric([queue.value], sum(each.overdue for each in here))
    yield from (oldest, jobs, overdue)
    yield _one(declared.OUTBOX_ROWS, found.outbox_rows)
    yield _one(declared.OUTBOX_OLDEST, found.outbox_oldest_seconds)
    yield _one(declared.POSTGRES_SECONDS, found.round_trip_seconds)


def _one(metric: Metric, value: float) -> GaugeMetricFamily:
    family = looked_up(metric)
    family.add_metric([], value)
    return family
