"""Run a declared task as shards in parallel: a Celery chord, recorded in the ledger.

The job claims its attempt, records its shards as child jobs and sends the chord. Each shard is
an ordinary job run. A shard never fails in Celery's eyes: it gives its error as a value, so that
the chord always completes and the merge, which continues the job under its fence, decides.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from celery import Celery, chord
from kombu.exceptions import OperationalError
from pydantic import BaseModel
from redis.exceptions import RedisError

from queues.events import JobEvent, Kind
from queues.job_error import JobError
from queues.ledger import LedgerUnavailable
from queues.names import PRIORITY_STEP, shards_key
from tasks.declaration import MERGE_SUFFIX, SHARD_SUFFIX, FanOut
from tasks.payload import Payload
from workers.delivery import Delivery
from workers.failure import JobFailed
from workers.job_run import LEDGER_PATIENCE, Attempt, JobRun, LeftAlone, Outcome, PutBack
from workers.patience import patiently

_PROGRESS_KEPT = timedelta(days=1)
_TELL_EVERY_MS = 100
"""Over all shards of a job, so that its watchers hear no more of it than of another."""

log = structlog.get_logger(__name__)


class ShardOutcome(BaseModel):
    """What a shard hands to the merge: its result as JSON text, or its error."""

    result: str | None = None
    error: JobError | None = None
    traceparent: str | None = None
    """The span of the shard, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Coordination(JobRun):
    """Runs a job in place, or sends it out as shards if it is big enough to be split."""

    celery: Celery
    fan_out: FanOut

    def compute(self, attempt: Attempt) -> Payload | Outcome:
        """Split the request, and compute it here if there is nothing to share."""
        split = self.fan_out.split
        shards = split(self.request(), **self.needs(split, self.reporter(attempt)))
        if not shards:
            return super().compute(attempt)
        return self._send(attempt, shards)

    def _send(self, attempt: Attempt, shards: Sequence[Payload]) -> Outcome:
        children = [self._child(attempt, number, shard) for number, shard in enumerate(shards)]
        try:
            delegated = patiently(
                lambda: self.resources.ledger.delegate(
                    UUID(self.job.id),
                    attempt.fence,
                    [child.submission() for child in children],
                ),
                while_raising=LedgerUnavailable,
                patience=LEDGER_PATIENCE,
            )
        except LedgerUnavailable:
            return PutBack(timedelta(seconds=30))
        if not delegated:
            return LeftAlone()
        try:
            self.resources.redis.delete(shards_key(self.job.id))
            self._chord(attempt, children)
        except (RedisError, OperationalError) as error:
            log.warning("shards_not_sent", job=self.job.id, error=repr(error))
            with suppress(LedgerUnavailable):  # the reconciler will, once the shards are silent
                self.resources.ledger.restart(UUID(self.job.id), attempt.fence)
            return PutBack(timedelta(seconds=5))
        log.info("job_split", job=self.job.id, shards=len(children))
        return LeftAlone("split")

    def _child(self, attempt: Attempt, number: int, shard: Payload) -> Delivery:
        return Delivery(
            id=str(uuid5(NAMESPACE_OID, f"{self.job.id}:{attempt.fence}:{number}")),
            task=self.declaration.name + SHARD_SUFFIX,
            request=json.loads(shard.model_dump_json()),
            tenant=self.job.tenant,
            queue=self.job.queue,
            priority=self.job.priority,
            deadline=self.job.deadline,
            headers=self.job.headers | self.resources.tracer.headers(),
            parent_id=self.job.id,
        )

    def _chord(self, attempt: Attempt, children: Sequence[Delivery]) -> None:
        shard = self.celery.tasks[self.declaration.name + SHARD_SUFFIX]
        merge = self.celery.tasks[self.declaration.name + MERGE_SUFFIX]
        shared = {
            **self.job.headers,
            **self.resources.tracer.headers(),
            "tenant": self.job.tenant,
            "deadline": self.job.deadline.isoformat() if self.job.deadline else None,
        }
        routing = {
            "queue": self.job.queue,
            "priority": PRIORITY_STEP[self.job.priority],
            "soft_time_limit": self.job.soft_limit_seconds,
        }
        header = []
        for number, child in enumerate(children):
            place = {"parent_job": self.job.id, "shard": number, "shards": len(children)}
            signature = shard.s(request=child.request)
            header.append(signature.set(task_id=child.id, headers=shared | place, **routing))
        body = merge.s(request=self.job.request, expected=self.job.expected).set(
            task_id=self.job.id, headers=shared | {"fence": attempt.fence}, **routing
        )
        chord(header, app=self.celery)(body)


@dataclass(frozen=True, kw_only=True)
class ShardRun(JobRun):
    """Runs one shard. Its progress is the whole job's."""

    def tell(self, attempt: Attempt, fraction: float, message: str) -> None:
        """Add this shard's part to the progress of the job."""
        number, of = self.job.shard or (0, 1)
        redis, key = self.resources.redis, shards_key(self.job.watched_id)
        with redis.pipeline(transaction=False) as pipe:
            pipe.hset(key, str(number), fraction)
            pipe.expire(key, _PROGRESS_KEPT)
            pipe.hvals(key)
            pipe.set(f"{key}:told", 1, nx=True, px=_TELL_EVERY_MS)
            *_, fractions, is_my_turn = pipe.execute()
        if not is_my_turn:
            return
        done = sum(float(each) for each in fractions) / of
        self.resources.events.publish(
            JobEvent.now(
                Kind.PROGRESS,
                self.job.watched_id,
                attempt=attempt.number,
                fraction=min(done, 1.0),
                message=f"{of} shards: {message}",
            )
        )


@dataclass(frozen=True, kw_only=True)
class MergeRun(JobRun):
    """Continues a split job once all its shards have ended."""

    fan_out: FanOut
    outcomes: Sequence[Any]

    @property
    def is_beginning(self) -> bool:
        """Watchers heard of it when the job was split."""
        return False

    @property
    def goes_on_from(self) -> Sequence[str]:
        """The shards."""
        spans = (each.get("traceparent") for each in self.outcomes if isinstance(each, dict))
        return [span for span in spans if isinstance(span, str)]

    def claim(self) -> Attempt | Outcome:
        """Take the job up again, unless it was ended or started anew meanwhile."""
        ledger, fence = self.resources.ledger, self.job.fence or 0
        try:
            taken = patiently(
                lambda: ledger.take_up(
                    UUID(self.job.id), fence, worker=self.worker, lease=self.lease
                ),
                while_raising=LedgerUnavailable,
                patience=LEDGER_PATIENCE,
            )
        except LedgerUnavailable:
            return PutBack(timedelta(seconds=30))
        if taken is None:
            return LeftAlone()
        return Attempt(number=taken.attempt, fence=taken.fence)

    def compute(self, attempt: Attempt) -> Payload | Outcome:
        """Merge the shards' results, or end with the first error among them."""
        outcomes = [ShardOutcome.model_validate(outcome) for outcome in self.outcomes]
        for outcome in outcomes:
            if outcome.error is not None:
                raise JobFailed(outcome.error.model_dump(mode="json"))
        read = self.declaration.shard.result.model_validate_json
        results = [read(outcome.result or "null") for outcome in outcomes]
        merge = self.fan_out.merge
        return merge(self.request(), results, **self.needs(merge, self.reporter(attempt)))
