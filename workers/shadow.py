"""Compare a job's result with its caller's own answer, and keep what differs.

It happens when the job has succeeded, and changes nothing about that. It is not tried twice: a
comparison may be lost, if Postgres is away just then or the process dies, and a job may not.
"""

from __future__ import annotations

import json
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from queues.ledger import Ledger, LedgerUnavailable
from tasks.declaration import Declaration
from tasks.shadow import compare
from workers.delivery import Delivery

log = structlog.get_logger(__name__)


def compare_in_shadow(
    job: Delivery, declaration: Declaration, result: str, *, ledger: Ledger
) -> None:
    """Compare, if the caller sent an answer; `result` is JSON."""
    if job.expected is None:
        return
    try:
        comparison = compare(job.expected, json.loads(result), declaration.shadow)
        if not comparison.compared:
            log.warning("nothing_to_compare", job=job.id, task=job.task)
            return
        ledger.record_comparison(
            UUID(job.id),
            compared=comparison.compared,
            differences=json.dumps([vars(each) for each in comparison.differences]),
            agrees=comparison.agrees,
        )
    except (LedgerUnavailable, SoftTimeLimitExceeded, MemoryError) as error:
        log.warning("comparison_lost", job=job.id, task=job.task, error=repr(error))
