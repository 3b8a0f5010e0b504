"""Keep in order what tenants take turns by, whatever became of Redis and of workers."""

from __future__ import annotations

from datetime import timedelta

import structlog
from redis import Redis

from config.tenants import TenantSettings
from queues import tenant_limits
from queues.fair_order import mend
from queues.ledger.tenants import Tenants
from queues.tenant_limits import LIST_KEYS, Limits
from workers.resources import Resources

log = structlog.get_logger(__name__)


def keep_limits(resources: Resources, settings: TenantSettings) -> None:
    """Copy the limits of tenants to Redis, which may have lost them."""
    tenants = Tenants(resources.ledger.engine).listed()
    tenant_limits.keep(
        resources.redis,
        {
            each.name: Limits(max_running=each.max_running, max_waiting=each.max_waiting)
            for each in tenants
        },
        default=Limits(
            max_running=settings.tenant_max_running, max_waiting=settings.tenant_max_waiting
        ),
    )


def mend_tickets(redis: Redis, lease: timedelta) -> int:
    """Give every message that waits a ticket, and parked tickets the room that there is."""
    missing = mend(redis, LIST_KEYS, lapse=lease)
    if missing:
        log.warning("tickets_made_anew", count=missing)
    return missing
