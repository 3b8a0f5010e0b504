"""Run a job so that logs and traces tell its story: a span around it, and one line at its end."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from structlog.contextvars import bound_contextvars

from queues.job_error import Code, JobError, Remedy
from workers.delivery import Delivery
from workers.job_run import Failed, JobRun, LeftAlone, Outcome, PutBack, Succeeded
from workers.log import trace_labels
from workers.tracing import RunEnd, Tracer

_LEVELS = {
    Remedy.CHANGE_REQUEST: logging.INFO,
    Remedy.WAIT: logging.WARNING,
    Remedy.CALL_US: logging.ERROR,
}

log = structlog.get_logger(__name__)


def told(run: JobRun) -> Outcome:
    """Run a delivery of a job to its end, and tell how it went."""
    began = time.monotonic()
    with (
        run.resources.tracer.run(run.job, after=run.goes_on_from) as span,
        bound_contextvars(**trace_labels(span.traceparent)),
    ):
        outcome = run.run()
        end = end_of(outcome)
        span.ended(end)
        _log(run, outcome, end, seconds=time.monotonic() - began)
    if isinstance(outcome, Succeeded | Failed):
        return replace(outcome, traceparent=span.traceparent)
    return outcome


def end_of(outcome: Outcome) -> RunEnd:
    """Say in words how a delivery ended."""
    match outcome:
        case Succeeded(attempt=0):
            return RunEnd(outcome="known")
        case Succeeded(attempt=attempt):
            return RunEnd(outcome="succeeded", attempt=attempt)
        case Failed(error=error, attempt=attempt):
            word = "cancelled" if error.code is Code.CANCELLED else "failed"
            return RunEnd(outcome=word, attempt=attempt, code=error.code.value)
        case PutBack(error=JobError(code=code), attempt=attempt):
            return RunEnd(outcome="retrying", attempt=attempt, code=code.value)
        case PutBack():
            return RunEnd(outcome="put_back")
        case LeftAlone(because=because):
            return RunEnd(outcome=because)


def tell_of_lost(job: Delivery, tracer: Tracer, end: RunEnd, *, since: datetime) -> None:
    """Tell of a run whose process was killed, from the worker's main process."""
    tracer.record(job, since=since, end=end)
    seconds = (datetime.now(UTC) - since).total_seconds()
    level = logging.ERROR if end.is_error else logging.INFO
    about = {"job": job.id, "task": job.task, "tenant": job.tenant, "code": end.code}
    log.log(level, f"job_{end.outcome}", run_seconds=round(seconds, 4), **about)


def _log(run: JobRun, outcome: Outcome, end: RunEnd, *, seconds: float) -> None:
    if isinstance(outcome, LeftAlone):
        return
    level = logging.INFO
    about: dict[str, object] = {"run_seconds": round(seconds, 4)}
    if end.attempt:
        about["attempt"] = end.attempt
    if isinstance(outcome, Failed | PutBack) and outcome.error is not None:
        level = _LEVELS[outcome.error.remedy]
        about["code"] = end.code
    elif run.job.parent_id is not None:
        level = logging.DEBUG  # of a hundred shards that went well, their job's line is enough
    if isinstance(outcome, PutBack):
        about["again_in_seconds"] = outcome.delay.total_seconds()
    log.log(level, f"job_{end.outcome}", job=run.job.id, task=run.job.task, **about)
