"""What stands under a result's key before there is a result."""

from __future__ import annotations

import os
from uuid import uuid4

from celery import Celery
from redis import Redis

from queues.names import result_key
from queues.result import KEPT, add_started
from workers.embedded.redis import EmbeddedRedis


def _say_started(redis: Redis, job_id: str) -> None:
    with redis.pipeline(transaction=False) as pipe:
        add_started(pipe, job_id, worker="cpu@here")
        pipe.execute()


def test_a_celery_client_reads_that_a_job_has_started(
    redis: Redis, shared_redis: EmbeddedRedis
) -> None:
    """It is Celery's own format: the state, and which process runs the job."""
    job_id = str(uuid4())
    _say_started(redis, job_id)

    result = Celery(backend=shared_redis.url).AsyncResult(job_id)
    assert result.state == "STARTED"
    assert result.info == {"pid": os.getpid(), "hostname": "cpu@here"}


def test_it_is_announced_and_kept_like_a_result(redis: Redis) -> None:
    """Whoever listens on the result's channel hears it; it stays for a day."""
    job_id = str(uuid4())
    channel = redis.pubsub(ignore_subscribe_messages=True)
    channel.subscribe(result_key(job_id))
    assert channel.get_message(timeout=5) is None

    _say_started(redis, job_id)

    heard = channel.get_message(timeout=5)
    assert heard["data"] == redis.get(result_key(job_id))
    assert 0 <= KEPT.total_seconds() - redis.ttl(result_key(job_id)) < 60
    channel.close()
