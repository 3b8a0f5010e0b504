"""Send again what Redis lost: the ledger knows every accepted job, Redis may forget one."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import timedelta

import structlog

from queues.fair_order import send
from queues.ledger import Ledger, StaleJob, Submission, Trouble
from queues.message import TaskMessage
from queues.names import Priority, Queue
from workers.housekeeping.presence import jobs_with_a_message
from workers.resources import Resources

_AT_ONCE = 500

log = structlog.get_logger(__name__)


def reconcile(resources: Resources, *, older_than: timedelta) -> dict[str, int]:
    """Send again each job of which nothing was heard for `older_than` and that has no message.

    Gives how many were sent, by what was wrong with them. Safe to run at any time and twice at
    once: a second message of a job is dropped or put back by whoever receives it.
    """
    ledger = resources.ledger
    sent: Counter[str] = Counter()
    present: set[str] | None = None
    began = time.monotonic()
    # Measured from the beginning, so that no job comes up twice however long this takes.
    while stale := ledger.stale(older_than=older_than + _since(began), limit=_AT_ONCE):
        if present is None:
            present = jobs_with_a_message(resources.redis, [queue.value for queue in Queue])
        lost = [job for job in stale if not _has_message(ledger, job, present)]
        for job in lost:
            if _may_go_out(ledger, job):
                message = message_of(job.submission)
                send(resources.redis, message)
                log.warning(
                    "job_sent_again",
                    job=message.job_id,
                    task=message.task,
                    tenant=message.tenant,
                    trouble=job.trouble,
                )
                sent[job.trouble] += 1
        ledger.resent([job.submission.id for job in lost])
        ledger.seen([job.submission.id for job in stale if job not in lost])
    return dict(sent)


def _since(moment: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - moment)


def message_of(submission: Submission) -> TaskMessage:
    """Build a job's message from what the ledger keeps of it."""
    headers = submission.headers
    return TaskMessage(
        task=submission.task,
        job_id=str(submission.id),
        queue=submission.queue,
        request=json.loads(submission.request),
        expected=json.loads(submission.expected) if submission.expected else None,
        tenant=submission.tenant,
        priority=Priority(submission.priority),
        not_before=submission.not_before,
        deadline=submission.deadline,
        schema_hash=headers.get("schema_hash"),
        traceparent=headers.get("traceparent"),
        tracestate=headers.get("tracestate"),
        sent_at=submission.submitted_at,
        origin=headers.get("origin", ""),
    )


def _has_message(ledger: Ledger, job: StaleJob, present: set[str]) -> bool:
    """Tell whether a message of the job, or of one of its shards, is on its way."""
    ids = {str(job.submission.id)}
    if job.trouble is Trouble.SHARDS_SILENT:
        ids |= {str(child.id) for child in ledger.children(job.submission.id)}
    return not ids.isdisjoint(present)


def _may_go_out(ledger: Ledger, job: StaleJob) -> bool:
    """Start a split job whose shards fell silent anew; any other can go as it is."""
    if job.trouble is Trouble.SHARDS_SILENT:
        return ledger.restart(job.submission.id, job.fence)
    return True
