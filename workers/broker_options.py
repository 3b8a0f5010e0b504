"""How Celery is set, and why: most defaults lose jobs on Redis. See DECISIONS.md."""

from __future__ import annotations

from typing import Any

from kombu import Exchange
from kombu import Queue as KombuQueue

from config.redis import RedisSettings
from config.workers import WorkerSettings
from queues.names import Queue
from queues.redis_connection import split_tls
from queues.result import KEPT
from workers.intake import HOUSEKEEPING, Intake

_DEFAULT_EXCHANGE = Exchange("", type="direct")


def broker_options(
    redis: RedisSettings, workers: WorkerSettings, intake: Intake | None
) -> dict[str, Any]:
    """Give Celery's configuration. `intake` judges messages; a mere client has none."""
    url, tls = split_tls(redis.url.get_secret_value())
    return {
        "broker_url": url,
        "broker_transport": "workers.transport:FleetTransport",
        "worker_consumer": "workers.consumer:FleetConsumer",
        "broker_use_ssl": tls or None,
        "broker_transport_options": {
            "intake": intake,
            # Short, because the keeper renews it; this is how soon a lost worker's jobs run again.
            "visibility_timeout": workers.lease_seconds,
            "unacked_restore_interval": min(workers.renewal_seconds, 5.0),
            "unacked_restore_throttle": 1,
            # How long one that is killed while it restores keeps the others from it.
            "unacked_mutex_expire": max(1, round(workers.renewal_seconds)),
            "queue_order_strategy": "priority",
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "result_backend": f"workers.result_backend:ResultBackend+{url}",
        "redis_backend_use_ssl": tls or None,
        "result_expires": KEPT,
        "redis_socket_timeout": 30,
        "redis_socket_connect_timeout": 5,
        "redis_socket_keepalive": True,
        "redis_backend_health_check_interval": 10,
        "redbeat_redis_url": url,
        "redbeat_redis_use_ssl": tls or None,
        "redbeat_redis_options": {"socket_timeout": 30, "socket_connect_timeout": 5},
        # A tick a second, so that a schedule made at run time is soon seen; a beat that died is
        # followed by another when its lock has ended.
        "beat_max_loop_interval": 1,
        "redbeat_lock_timeout": 15,
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "enable_utc": True,
        "timezone": "UTC",
        "task_queues": [
            KombuQueue(name, exchange=_DEFAULT_EXCHANGE, routing_key=name)
            for name in (*(queue.value for queue in Queue), HOUSEKEEPING)
        ],
        "task_default_queue": Queue.CPU.value,
        "task_default_exchange": "",
        "task_default_routing_key": Queue.CPU.value,
        "task_create_missing_queues": False,
        # A message is dropped when its job has ended, not when it has begun.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_failure_or_timeout": True,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_soft_shutdown_timeout": 0,
        "worker_proc_alive_timeout": 60,
        # How long a dead child's last words are waited for before its job runs again.
        "worker_lost_wait": 1.0,
        "worker_eta_task_limit": 10_000,
    }
