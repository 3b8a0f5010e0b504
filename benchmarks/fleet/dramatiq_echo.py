"""The other peer: the same echo under dramatiq, as its documentation sets it up."""

from __future__ import annotations

import os
from typing import Any

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

results = RedisBackend(url=os.environ["DRAMATIQ_REDIS_URL"])
broker = RedisBroker(url=os.environ["DRAMATIQ_REDIS_URL"])
broker.add_middleware(Results(backend=results))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def echo(request: dict[str, Any]) -> dict[str, Any]:
    """Give the message back."""
    return {"message": request["message"], "allocatedBytes": 0}
