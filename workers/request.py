"""How a worker's main process ends jobs whose child cannot: killed, out of time, shut down."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import structlog
from billiard.einfo import ExceptionWithTraceback
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery.concurrency import prefork
from celery.worker.request import Request
from celery.worker.state import task_ready
from redis.exceptions import RedisError

from queues.cancellation import cancellation
from queues.events import JobEvent, Kind
from queues.job_error import Code, JobError
from queues.ledger import LedgerUnavailable, State
from queues.names import PRIORITY_OF_STEP, Priority
from workers.delivery import Delivery
from workers.failure import JobFailed
from workers.fan_out import ShardOutcome
from workers.intake import REFUSE
from workers.metrics.observer import HELD, FleetObserver, ObservedJob
from workers.resources import Resources
from workers.told_run import tell_of_lost
from workers.tracing import RunEnd

log = structlog.get_logger(__name__)


class FleetRequest(Request):
    """A job in the hands of a worker's main process."""

    def on_failure(
        self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False
    ) -> None:
        """Give a job whose process died back, and fail one that was killed at its limit."""
        ended_by_us = self._already_revoked or self._already_cancelled
        raised = _raised(exc_info)
        match raised:
            case TimeLimitExceeded(args=(seconds,)):
                task_ready(self)
                self._observer.cut_short(self.observed, reason=Code.TIME_LIMIT)
                limit = f"killed at the hard limit of {seconds:g} s"
                self._end(State.FAILED, Kind.FAILED, JobError.of(Code.TIME_LIMIT, limit))
                return
            case WorkerLostError() if not ended_by_us:
                self._observer.cut_short(self.observed, reason="worker_lost")
                self._release("worker_lost", counts=True)
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
        if isinstance(raised, JobFailed):
            self._tell_observer(raised.error.code)

    def on_accepted(self, pid: int, time_accepted: float) -> None:
        """Note how long the job waited."""
        super().on_accepted(pid, time_accepted)
        self._observer.begun(self.observed, waited=self._waited)

    def send_event(self, type: str, **fields: Any) -> None:
        """Send Celery's event, and count a job that is done.

        Celery runs a class made of this one, whose own `on_success` hides any that stands here.
        """
        super().send_event(type, **fields)
        if type == "task-succeeded":
            self._observer.ended(self.observed, State.SUCCEEDED, seconds=fields["runtime"])

    def on_retry(self, exc_info: Any) -> None:
        """Count an attempt that another follows."""
        super().on_retry(exc_info)
        cause = getattr(_raised(exc_info), "exc", None)
        reason = cause.error.code.value if isinstance(cause, JobFailed) else HELD
        self._observer.retried(self.observed, reason=reason)

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Log a soft limit; a hard one was dealt with as a failure just before."""
        if soft:
            super().on_timeout(soft, timeout)

    def _announce_revoked(
        self, reason: str, terminated: bool, signum: int | None, expired: bool
    ) -> None:
        """End a job that was cancelled and did not listen."""
        task_ready(self)
        self._already_revoked = True
        self._observer.cut_short(self.observed, reason=Code.CANCELLED)
        self.send_event("task-revoked", terminated=terminated, signum=signum, expired=expired)
        error = JobError.of(Code.CANCELLED, self._wish() or reason)
        self._end(State.CANCELLED, Kind.CANCELLED, error)

    def cancel(self, pool: Any, signal: Any = None, emit_retry: bool = True) -> None:
        """Cut a running job short at shutdown; a thread nobody can, so its process waits."""
        if isinstance(pool, prefork.TaskPool):
            super().cancel(pool, signal=signal, emit_retry=emit_retry)

    def _announce_cancelled(self, emit_retry: bool = True) -> None:
        """Give a job back that a shutdown cut short; it does not count as an attempt."""
        task_ready(self)
        self._already_cancelled = True
        self._observer.cut_short(self.observed, reason="shutdown")
        self.send_event("task-cancelled")
        self._release("shutdown", counts=False)

    @property
    def watched_id(self) -> str:
        """The job that people cancel: for a shard, the one it is part of."""
        parent: str | None = self.request_dict.get("parent_job")
        return parent or self.id

    @cached_property
    def observed(self) -> ObservedJob:
        """What metrics tell jobs apart by."""
        return ObservedJob(
            task=self.kwargs.get("task", self.name) if self.name == REFUSE else self.name,
            queue=self.delivery_info["routing_key"],
            priority=PRIORITY_OF_STEP.get(self.delivery_info["priority"], Priority.LOW),
        )

    @property
    def _observer(self) -> FleetObserver:
        observer: FleetObserver = self.app.observer
        return observer

    @property
    def _waited(self) -> timedelta | None:
        sent_at: str | None = self.request_dict.get("sent_at")
        if sent_at is None:
            return None
        could_run = max(
            moment for moment in (datetime.fromisoformat(sent_at), self.eta) if moment is not None
        )
        return timedelta(seconds=self.time_start - could_run.timestamp())

    def _tell_observer(self, code: Code) -> None:
        state = State.CANCELLED if code is Code.CANCELLED else State.FAILED
        seconds = time.time() - self.time_start if self.time_start else None
        self._observer.ended(self.observed, state, reason=code.value, seconds=seconds)

    def _wish(self) -> str | None:
        try:
            return cancellation(self._resources.redis, self.watched_id)
        except RedisError:
            return None

    @property
    def _resources(self) -> Resources:
        resources: Resources = self.app.fleet.resources()
        return resources

    def _release(self, reason: str, *, counts: bool) -> None:
        try:
            released = self._resources.ledger.release(
                UUID(self.id), worker=self.hostname, reason=reason, counts=counts
            )
        except LedgerUnavailable as error:
            log.warning(
                "job_not_released",
                job=self.id,
                task=self.task_name,
                reason=reason,
                error=str(error),
            )
            return
        if released:
            self._story(RunEnd(outcome="retrying", code=reason))

    def _end(self, state: State, kind: Kind, error: JobError) -> None:
        """Record an end that the job's own process can no longer record, and tell the caller."""
        ledger, text = self._resources.ledger, error.model_dump_json()
        job_id, reason = UUID(self.id), error.code.value
        try:
            settled = ledger.settle(
                job_id, worker=self.hostname, state=state, reason=reason, error=text
            )
            if not settled and state is State.CANCELLED:
                settled = ledger.cancel(job_id, reason, error=text) in (State.CANCELLED, None)
        except LedgerUnavailable as unavailable:
            log.warning(
                "end_not_recorded", job=self.id, task=self.task_name, error=str(unavailable)
            )
            self.reject(requeue=True)
            return
        if not settled:
            # It ended just before, or is another's by now: the next delivery tells the caller.
            self.reject(requeue=True)
            return
        self._story(RunEnd(outcome=state.value, code=reason))
        self._tell_observer(error.code)
        self._store(error)
        if self.watched_id == self.id:
            self._tell(kind, error)
        self.acknowledge()

    def _store(self, error: JobError) -> None:
        """Keep the error as this job's result; a shard's goes to its merge, as a value."""
        backend, context = self.task.backend, self._context
        if self.watched_id == self.id:
            failure = JobFailed(error.model_dump(mode="json"))
            backend.mark_as_failure(self.id, failure, request=context)
        else:
            outcome = ShardOutcome(error=error).model_dump(mode="json")
            backend.mark_as_done(self.id, outcome, request=context)

    def _tell(self, kind: Kind, error: JobError) -> None:
        try:
            self._resources.events.publish(JobEvent.now(kind, self.id, error=error))
        except RedisError as unheard:
            log.warning("end_not_told", job=self.id, task=self.task_name, error=repr(unheard))

    def _story(self, end: RunEnd) -> None:
        """Tell logs and traces how a run ended that could not tell it itself."""
        job = Delivery.delivered(self._context, task=self.task_name, request=None)
        since = datetime.fromtimestamp(self.time_start or time.time(), UTC)
        tell_of_lost(job, self._resources.tracer, end, since=since)


def _raised(exc_info: Any) -> BaseException:
    """Give what a child raised, without the wrapping it came in."""
    raised = exc_info.exception
    unwrapped: BaseException = raised.exc if isinstance(raised, ExceptionWithTraceback) else raised
    return unwrapped
