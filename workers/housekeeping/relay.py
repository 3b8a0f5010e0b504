"""Send the jobs that backends wrote into the outbox with transactions of their own.

A batch of rows becomes jobs of the ledger in one transaction, and then messages in Redis. Whoever
dies between the two has lost nothing: the reconciler sends what the ledger has and Redis has not.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from celery import bootsteps
from redis.exceptions import RedisError

from queues.dead_letters import DeadLetters
from queues.fair_order import send
from queues.job_error import Code
from queues.ledger import EnqueuedRow, LedgerUnavailable, Outbox
from queues.ledger.outbox import EnqueuedBatch
from queues.message import TaskMessage, UnreadableMessage
from queues.submission import SubmissionRegistry, Submitted
from workers import side_thread
from workers.housekeeping.enqueued_job import EnqueuedJob, list_key_of, read, to_wire
from workers.intake import HOUSEKEEPING
from workers.resources import Resources

_LOOK_EVERY_SECONDS = 1.0
"""A commit is announced; this is for announcements that get lost, and for tenants without room."""
_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 8 << 20
_BATCHES_A_ROUND = 20

_Unfit = tuple[EnqueuedRow, UnreadableMessage]
"""A row that cannot be sent, and why."""

log = structlog.get_logger(__name__)


class Relay(bootsteps.StartStopStep):
    """Runs beside the housekeeping worker; several may."""

    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        """Run on the worker that keeps house, and on no other."""
        return HOUSEKEEPING in worker.app.amqp.queues.consume_from

    def start(self, worker: Any) -> None:
        """Begin to relay."""
        resources = worker.app.fleet.resources()
        outbox = resources.ledger.open_outbox()
        side_thread.repeat("relay", lambda: _relay(resources, outbox), every_seconds=0)


def _relay(resources: Resources, outbox: Outbox) -> None:
    try:
        if not relay_enqueued(resources, outbox):
            outbox.wait(_LOOK_EVERY_SECONDS)
    except (RedisError, LedgerUnavailable) as error:
        log.warning("outbox_not_relayed", error=str(error))
        time.sleep(_LOOK_EVERY_SECONDS)


def relay_enqueued(resources: Resources, outbox: Outbox) -> int:
    """Relay what the outbox has, up to some thousands of rows; give how many left it.

    Rows of a tenant who has as many jobs waiting as it may stay where they are.
    """
    left = 0
    full: set[str] = set()
    for _ in range(_BATCHES_A_ROUND):
        batch = _relay_batch(resources, outbox, without=full)
        left += batch.left
        full |= batch.full
        if not batch.left and not batch.full:
            break
    return left


@dataclass(frozen=True, kw_only=True)
class _Relayed:
    """What became of a batch."""

    left: int = 0
    """How many rows left the outbox."""
    full: frozenset[str] = frozenset()
    """The tenants with rows that had to stay."""


def _relay_batch(resources: Resources, outbox: Outbox, *, without: Collection[str]) -> _Relayed:
    registry = SubmissionRegistry(resources.redis)
    with outbox.locked(
        rows=_ROWS_AT_ONCE, size_bytes=_BYTES_AT_ONCE, without=sorted(without)
    ) as batch:
        if not batch.rows:
            return _Relayed()
        readable, unreadable = _read(batch.rows)
        leaving, staying = _parted_by_room(registry, readable)
        new, conflicting = _register(registry, batch, leaving)
        for row, why in unreadable + conflicting:
            _put_aside(resources, row, why)
        gone = [job.row for job in leaving] + [row for row, _ in unreadable]
        batch.remove(gone)
    _send(resources, registry, [job.message for job in new])
    return _Relayed(left=len(gone), full=frozenset(job.row.tenant for job in staying))


def _read(rows: Sequence[EnqueuedRow]) -> tuple[list[EnqueuedJob], list[_Unfit]]:
    readable, unreadable = [], []
    for row in rows:
        try:
            readable.append(read(row))
        except UnreadableMessage as error:
            unreadable.append((row, error))
    return readable, unreadable


def _parted_by_room(
    registry: SubmissionRegistry, jobs: Sequence[EnqueuedJob]
) -> tuple[list[EnqueuedJob], list[EnqueuedJob]]:
    """Part the jobs, in their order, into those that may wait in Redis and those that may not."""
    room = registry.room(job.row.tenant for job in jobs)
    leaving, staying = [], []
    for job in jobs:
        tenant = job.row.tenant
        if room.get(tenant) == 0:
            staying.append(job)
        else:
            leaving.append(job)
            if tenant in room:
                room[tenant] -= 1
    return leaving, staying


def _register(
    registry: SubmissionRegistry, batch: EnqueuedBatch, jobs: Sequence[EnqueuedJob]
) -> tuple[list[EnqueuedJob], list[_Unfit]]:
    """Record the jobs; give those that were new, and those whose id is another request's."""
    first: dict[UUID, EnqueuedJob] = {}
    for job in jobs:
        first.setdefault(job.row.id, job)
    # Who submits past the outbox is in Redis first, and in the ledger a moment later.
    hashes = registry.request_hashes([str(job_id) for job_id in first])
    asked = {job_id: hash for job_id, hash in zip(first, hashes, strict=True) if hash is not None}
    free = [job for job in first.values() if not _is_anothers(job, asked)]
    new = batch.register({job.row.position: job.submission for job in free})
    asked |= batch.request_hashes(list(first))
    conflict = UnreadableMessage(
        Code.ID_CONFLICT.value, "the id belongs to another request; expected one of its own"
    )
    return (
        [job for job in free if job.row.id in new],
        [(job.row, conflict) for job in jobs if _is_anothers(job, asked)],
    )


def _is_anothers(job: EnqueuedJob, asked: Mapping[UUID, str]) -> bool:
    """Tell whether something else was asked under the job's id."""
    mine = job.submission.request_hash
    return asked.get(job.row.id, mine) != mine


def _put_aside(resources: Resources, row: EnqueuedRow, why: UnreadableMessage) -> None:
    log.warning("enqueued_job_put_aside", job=str(row.id), tenant=row.tenant, reason=why.reason)
    DeadLetters(resources.redis).add(
        to_wire(row),
        list_key=list_key_of(row),
        reason=why.reason,
        detail=f"outbox: {why.detail}",
        at=datetime.now(UTC),
    )


def _send(
    resources: Resources, registry: SubmissionRegistry, messages: Sequence[TaskMessage]
) -> None:
    for message, answer in zip(messages, registry.submit_many(messages), strict=True):
        if answer is Submitted.OVER_QUOTA:
            # Others took the room meanwhile; what a transaction accepted is not refused.
            send(resources.redis, message)
        elif answer is Submitted.CONFLICT:
            # Another request took the id meanwhile, in Redis alone: the ledger's will be sent.
            log.warning("enqueued_job_not_sent_yet", job=message.job_id)
    registry.forget([message.job_id for message in messages])
