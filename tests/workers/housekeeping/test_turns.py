"""Limits and tickets are in Redis as they should be, whatever became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from config.tenants import TenantSettings
from queues.fair_order import send
from queues.ledger.tenants import Tenants
from queues.message import TaskMessage
from queues.names import MAX_RUNNING_KEY, MAX_WAITING_KEY, PARKED_KEY, Priority, Queue, slots_key
from workers.housekeeping.turns import keep_limits, mend_tickets
from workers.resources import Resources

MINUTE = timedelta(minutes=1)


@pytest.fixture
def tenants(resources: Resources) -> Iterator[Tenants]:
    tenants = Tenants(resources.ledger.engine)
    yield tenants
    for tenant in tenants.listed():
        tenants.remove(tenant.name)


def test_a_wiped_redis_has_its_limits_again(resources: Resources, tenants: Tenants) -> None:
    """Those of tenants from the ledger, those of every other from the settings."""
    tenants.put("acme", max_running=2, max_waiting=None)
    resources.redis.flushall()

    keep_limits(resources, TenantSettings(tenant_max_running=7, tenant_max_waiting=0))

    assert resources.redis.hgetall(MAX_RUNNING_KEY) == {"*": "7", "acme": "2"}
    assert resources.redis.hgetall(MAX_WAITING_KEY) == {"*": "0"}


@pytest.mark.parametrize("queue", Queue)
@pytest.mark.parametrize("priority", Priority)
def test_every_list_is_mended(resources: Resources, queue: Queue, priority: Priority) -> None:
    """A lost ticket is made anew on the list of its message."""
    message = TaskMessage(
        task="fleet.echo", job_id=str(uuid4()), queue=queue.value, priority=priority
    )
    send(resources.redis, message)
    resources.redis.delete(message.list_key)

    assert mend_tickets(resources.redis, MINUTE) == 1
    assert resources.redis.lrange(message.list_key, 0, -1) == ["ticket"]
    assert mend_tickets(resources.redis, MINUTE) == 0


def test_slots_of_a_dead_worker_let_tickets_go(resources: Resources) -> None:
    """Once they were not renewed for as long as a lease lasts, and not before."""
    redis = resources.redis
    redis.hset(MAX_RUNNING_KEY, "acme", 1)
    redis.zadd(slots_key("acme"), {"of a dead worker": time.time() - 90})
    message = TaskMessage(task="fleet.echo", job_id=str(uuid4()), queue="cpu", tenant="acme")
    send(redis, message)
    redis.rpop("cpu")
    redis.hset(PARKED_KEY, "cpu", 1)

    mend_tickets(redis, timedelta(minutes=2))
    before = redis.llen("cpu")
    mend_tickets(redis, MINUTE)

    assert (before, redis.llen("cpu")) == (0, 1)
    assert redis.hgetall(PARKED_KEY) == {}
