"""Those who send jobs: by transaction, or to Redis; each goes on after what went wrong."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from redis.exceptions import RedisError

from benchmarks.load.workload import PlannedJob
from queues.cancellation import request_cancellation
from queues.message import TaskMessage
from queues.redis_connection import connect
from queues.submission import SubmissionRegistry, Submitted

_INSERT = """
INSERT INTO riskfleet.outbox (id, task, tenant, priority, request, origin)
VALUES (%s, %s, %s, %s, %s, 'benchmarks.load')
"""
_PAUSE_SECONDS = 0.2


class Caller(threading.Thread, ABC):
    """Sends its jobs one by one, at a pace, and repeats what was not taken."""

    def __init__(self, jobs: Sequence[PlannedJob], *, url: str, per_second: float) -> None:
        super().__init__(daemon=True)
        self._jobs = jobs
        self._url = url
        self._per_second = per_second
        self.sent = 0
        self.refused = 0
        """Times that Redis or Postgres did not take a job."""

    def run(self) -> None:
        began = time.monotonic()
        for job in self._jobs:
            while not self._taken(job):
                self.refused += 1
                time.sleep(_PAUSE_SECONDS)
            self.sent += 1
            ahead = self.sent / self._per_second - (time.monotonic() - began)
            if ahead > 0:
                time.sleep(ahead)

    @abstractmethod
    def _taken(self, job: PlannedJob) -> bool:
        """Send a job; False if it has to be sent again."""


class OutboxCaller(Caller):
    """Inserts each job in a transaction of its own, as part of a business write would."""

    def _taken(self, job: PlannedJob) -> bool:
        row = (job.id, job.task, job.tenant, job.priority.value, json.dumps(job.request))
        try:
            with psycopg.connect(self._url) as connection:
                connection.execute(_INSERT, row)
        except psycopg.OperationalError:
            return False
        return True


class RedisCaller(Caller):
    """Submits each job to Redis, under an id of its own so that a repeat is the same job."""

    def __init__(self, jobs: Sequence[PlannedJob], *, url: str, per_second: float) -> None:
        super().__init__(jobs, url=url, per_second=per_second)
        self._redis = connect(url)
        self._registry = SubmissionRegistry(self._redis)

    def _taken(self, job: PlannedJob) -> bool:
        message = TaskMessage(
            task=job.task,
            job_id=str(job.id),
            queue=job.queue.value,
            request=job.request,
            tenant=job.tenant,
            priority=job.priority,
            sent_at=datetime.now(UTC),
            origin="benchmarks.load",
        )
        try:
            answer = self._registry.submit(message)
            if job.is_cancelled:
                request_cancellation(self._redis, str(job.id))
        except RedisError:
            return False
        return answer in (Submitted.CREATED, Submitted.KNOWN)
