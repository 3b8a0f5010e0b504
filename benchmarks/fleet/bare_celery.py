"""The peer: the same echo as a plain Celery task, without intake, claims, leases or a ledger.

Broker and result options are the fleet's own, on Celery's own transport and result backend; the
worker is started with the fleet's arguments and the task has the same limits as `fleet.echo`.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from pydantic import SecretStr

from config.redis import RedisSettings
from config.workers import WorkerSettings
from tasks.declaration import Terms
from workers.broker_options import broker_options

TASK = "bare.echo"


def bare_app(redis_url: str) -> Celery:
    """Give the app that worker and client share."""
    options = broker_options(RedisSettings(url=SecretStr(redis_url)), WorkerSettings(), None)
    del options["broker_transport"], options["broker_transport_options"]["intake"]
    del options["worker_consumer"]
    app = Celery("bare")
    # The fleet says itself that a job has started.
    app.conf.update(options | {"result_backend": redis_url, "task_track_started": True})

    limits = Terms()

    @app.task(
        name=TASK,
        soft_time_limit=limits.soft_limit.total_seconds(),
        time_limit=limits.hard_limit.total_seconds(),
    )
    def echo(request: dict[str, Any]) -> dict[str, Any]:
        return {"message": request["message"], "allocatedBytes": 0}

    return app


if __name__ == "__main__":
    bare_app(os.environ["REDIS_URL"]).Worker(
        pool="prefork",
        concurrency=int(os.environ["CONCURRENCY"]),
        queues=["cpu"],
        optimization="fair",
        task_events=True,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
        loglevel="WARNING",
    ).start()
