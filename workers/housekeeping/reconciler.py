"""Send again what Redis lost: the ledger knows every accepted job, Redis may forget one."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import structlog

from queues.ledger import StaleJob, Submission, Trouble
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
    stale = resources.ledger.stale(older_than=older_than, limit=_AT_ONCE)
    if not stale:
        return {}
    present = jobs_with_a_message(resources.redis, [queue.value for queue in Queue])
    sent: Counter[str] = Counter()
    ids = []
    for job in stale:
        if str(job.submission.id) not in present and _may_go_out(resources, job):
            message = message_of(job.submission)
            resources.redis.lpush(message.list_key, message.to_wire())
            log.warning("job_sent_again", job=message.job_id, trouble=job.trouble)
            sent[job.trouble] += 1
            ids.append(job.submission.id)
    resources.ledger.resent(ids)
    return dict(sent)


def message_of(submission: Submission) -> TaskMessage:
    """Build a job's message from what the ledger keeps of it."""
    headers = submission.headers
    return TaskMessage(
        task=submission.task,
        job_id=str(submission.id),
        queue=submission.queue,
        request=json.loads(submission.request),
        tenant=submission.tenant,
        priority=Priority(submission.priority),
        not_before=submission.not_before,
        deadline=submission.deadline,
        schema_hash=headers.get("schema_hash"),
        traceparent=headers.get("traceparent"),
        tracestate=headers.get("tracestate"),
        origin="reconciler",
    )


def _may_go_out(resources: Resources, job: StaleJob) -> bool:
    """Start a split job whose shards fell silent anew; any other can go as it is."""
    if job.trouble is Trouble.SHARDS_SILENT:
        return resources.ledger.restart(job.submission.id, job.fence)
    return True
