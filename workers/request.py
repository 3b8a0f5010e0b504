"""How a worker's main process ends jobs whose child cannot: killed, out of time, shut down."""

from __future__ import annotations

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
from workers.failure import JobFailed
from workers.fan_out import ShardOutcome
from workers.resources import Resources

log = structlog.get_logger(__name__)


class FleetRequest(Request):
    """A job in the hands of a worker's main process."""

    def on_failure(
        self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False
    ) -> None:
        """Give a job whose process died back, and fail one that was killed at its limit."""
        ended_by_us = self._already_revoked or self._already_cancelled
        raised = exc_info.exception
        match raised.exc if isinstance(raised, ExceptionWithTraceback) else raised:
            case TimeLimitExceeded(args=(seconds,)):
                task_ready(self)
                limit = f"killed at the hard limit of {seconds:g} s"
                self._end(State.FAILED, Kind.FAILED, JobError.of(Code.TIME_LIMIT, limit))
                return
            case WorkerLostError() if not ended_by_us:
                self._release("worker_lost", counts=True)
        super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)

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
        self.send_event("task-cancelled")
        self._release("shutdown", counts=False)

    @property
    def watched_id(self) -> str:
        """The job that people cancel: for a shard, the one it is part of."""
        parent: str | None = self.request_dict.get("parent_job")
        return parent or self.id

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
            self._resources.ledger.release(
                UUID(self.id), worker=self.hostname, reason=reason, counts=counts
            )
        except LedgerUnavailable as error:
            log.warning("job_not_released", job=self.id, reason=reason, error=str(error))

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
            log.warning("end_not_recorded", job=self.id, error=str(unavailable))
            self.reject(requeue=True)
            return
        if not settled:
            # It ended just before, or is another's by now: the next delivery tells the caller.
            self.reject(requeue=True)
            return
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
            log.warning("end_not_told", job=self.id, error=repr(unheard))
