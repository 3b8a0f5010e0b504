"""One attempt at a job: claim it, run it, finish it. Knows the ledger, not Celery."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from typing import Any
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from pydantic import ValidationError
from redis.exceptions import RedisError
from structlog.contextvars import bound_contextvars

from engines.progress import Progress
from queues.artifacts import ArtifactStore
from queues.cancellation import cancellation
from queues.dead_letters import DeadLetters
from queues.events import JobEvent, Kind
from queues.job_error import Code, JobError
from queues.ledger import (
    Claimed,
    Conflict,
    Finished,
    Held,
    LedgerUnavailable,
    State,
    UnknownJob,
)
from queues.names import SUBMITTED_KEY, cancel_key, submission_key
from queues.request_hash import Unhashable
from queues.result import add_started
from tasks.declaration import Declaration, needs_of
from tasks.fleet.schedule_book import ScheduleBook
from tasks.payload import Payload
from workers.delivery import Delivery
from workers.failure import (
    Cancelled,
    InvalidRequest,
    InvalidResult,
    Poison,
    error_of,
    is_worth_waiting,
)
from workers.patience import patiently
from workers.progress_reporter import ProgressReporter
from workers.resources import Resources
from workers.schedules.book import TenantSchedules
from workers.schedules.entries import Entries
from workers.shadow import compare_in_shadow

LEDGER_PATIENCE = timedelta(minutes=5)
_RETRY_WAITS_SECONDS = (2, 8, 30, 120)
_PAUSE = timedelta(seconds=30)
_UNRECORDED = (LedgerUnavailable, SoftTimeLimitExceeded, MemoryError)
"""What may keep a claim or an end out of the ledger; the latter two strike anywhere."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Succeeded:
    """The job is done; `result` is JSON."""

    result: str
    attempt: int = 0
    traceparent: str | None = None
    """The span of the run, if there is one."""


@dataclass(frozen=True)
class Failed:
    """The job is over without a result: failed or cancelled."""

    error: JobError
    attempt: int = 0
    traceparent: str | None = None


@dataclass(frozen=True)
class PutBack:
    """The job should be delivered again, after a while."""

    delay: timedelta
    error: JobError | None = None
    attempt: int = 0


@dataclass(frozen=True)
class LeftAlone:
    """Somebody else has, or had, the last word on this job; this delivery is over."""

    because: str = "left_alone"


Outcome = Succeeded | Failed | PutBack | LeftAlone


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The right to run a job, until the lease is lost to another."""

    number: int
    fence: int


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """Runs one delivery of a job on this worker."""

    job: Delivery
    declaration: Declaration
    resources: Resources
    worker: str
    lease: timedelta

    @property
    def is_beginning(self) -> bool:
        """Whether watchers should hear that the job now runs."""
        return self.job.parent_id is None

    @property
    def goes_on_from(self) -> Sequence[str]:
        """The spans, by their `traceparent`, whose work this run takes up."""
        return ()

    def run(self) -> Outcome:
        """Claim the job and, if it is ours, run it to its end."""
        with self.resources.tracer.step("claim"):
            claimed = self.claim()
        if not isinstance(claimed, Attempt):
            return claimed
        with bound_contextvars(attempt=claimed.number):
            return self.attempt(claimed)

    def claim(self) -> Attempt | Outcome:
        """Take the job, or give what there is to say about it instead."""
        ledger = self.resources.ledger
        try:
            submission = self.job.submission()
            answer = patiently(
                lambda: ledger.claim(
                    submission, worker=self.worker, lease=self.lease, versions=versions()
                ),
                while_raising=LedgerUnavailable,
                patience=LEDGER_PATIENCE,
            )
        except (Unhashable, TypeError, ValueError) as error:
            return Failed(JobError.of(Code.INVALID_REQUEST, f"request: expected JSON: {error}"))
        except _UNRECORDED as error:
            return self._unrecorded(error)
        except UnknownJob:  # a shard of a job that is no longer kept
            return LeftAlone()
        match answer:
            case Claimed(attempt=number, fence=fence):
                return Attempt(number=number, fence=fence)
            case Finished() as finished:
                return _stored(finished)
            case Held(lease_until=until):
                if until is None:  # held by its shards; the reconciler sees to it
                    return LeftAlone()
                return PutBack(max(until - datetime.now(UTC), timedelta(seconds=1)))
            case Conflict():
                return self._put_aside()

    def attempt(self, attempt: Attempt) -> Outcome:
        """Compute under an attempt, and record how it ends.

        This is the fleet's one broad `except`: whatever a task raises becomes an outcome in the
        ledger, and the worker goes on.
        """
        try:
            self._begin(attempt)
            with self.resources.tracer.step("compute"):
                made = self.compute(attempt)
            if isinstance(made, Outcome):
                return made
            ended: str | JobError = _checked(made, self.declaration.result)
        except Exception as raised:
            ended = error_of(raised)
            if ended.code is Code.INTERNAL:
                log.exception("job_failed_unexpectedly", job=self.job.id, task=self.job.task)
        # Out here what the task held is let go of, and what recording raises is not the task's.
        if isinstance(ended, JobError):
            return self._ended(attempt, ended)
        not_taken = self._finish(attempt, State.SUCCEEDED, result=ended)
        if not_taken is not None:
            return not_taken
        compare_in_shadow(self.job, self.declaration, ended, ledger=self.resources.ledger)
        return Succeeded(ended, attempt.number)

    def compute(self, attempt: Attempt) -> Payload | Outcome:
        """Read the request and run the task's function, or hand the job on."""
        function = self.declaration.run
        return function(self.request(), **self.needs(function, self.reporter(attempt)))

    def request(self) -> Payload:
        """Read the request as the task declares it. Raises `InvalidRequest`."""
        try:
            return self.declaration.request.model_validate_json(self.job.request_text)
        except ValidationError as error:
            raise InvalidRequest(error) from error

    def needs(self, function: Callable[..., Any], progress: Progress) -> dict[str, object]:
        """Give what a task function asks for by type."""
        return {name: SUPPLY[kind](self, progress) for name, kind in needs_of(function).items()}

    def reporter(self, attempt: Attempt) -> ProgressReporter:
        """Give the callback through which the run is watched and stopped."""
        return ProgressReporter(
            tell=lambda fraction, message: self.tell(attempt, fraction, message),
            cancellation=lambda: cancellation(self.resources.redis, self.job.watched_id),
            deadline=self.job.deadline,
            soft_limit_seconds=self.job.soft_limit_seconds
            or self.declaration.terms.soft_limit.total_seconds(),
        )

    def tell(self, attempt: Attempt, fraction: float, message: str) -> None:
        """Let those who watch the job know how far it is."""
        self.publish(Kind.PROGRESS, attempt.number, fraction=fraction, message=message)

    def publish(self, kind: Kind, attempt: int, **details: Any) -> None:
        """Tell those who watch the job."""
        event = JobEvent.now(kind, self.job.id, attempt=attempt, **details)
        self.resources.events.publish(event)

    def _begin(self, attempt: Attempt) -> None:
        if attempt.number > self.declaration.terms.attempts:
            raise Poison(self.declaration.terms.attempts)
        running = JobEvent.now(Kind.RUNNING, self.job.id, attempt=attempt.number)
        try:
            with self.resources.redis.pipeline(transaction=False) as pipe:
                pipe.get(cancel_key(self.job.watched_id))
                pipe.zrem(SUBMITTED_KEY, self.job.id)
                pipe.hdel(submission_key(self.job.id), "message")
                if self.is_beginning:
                    add_started(pipe, self.job.id, worker=self.worker)
                    self.resources.events.add_to(pipe, running)
                reason = pipe.execute()[0]
        except RedisError as error:
            log.warning("beginning_not_told", job=self.job.id, error=repr(error))
            reason = None
        if reason is not None:
            raise Cancelled(reason)
        self.reporter(attempt).check_deadline()

    def _ended(self, attempt: Attempt, error: JobError) -> Outcome:
        if is_worth_waiting(error) and attempt.number < self.declaration.terms.attempts:
            return self._put_back(attempt, error)
        state = State.CANCELLED if error.code is Code.CANCELLED else State.FAILED
        text = error.model_dump_json()
        return self._finish(attempt, state, reason=error.code.value, error=text) or Failed(
            error, attempt.number
        )

    def _put_aside(self) -> Outcome:
        """Keep a message whose id is another request's; that one's caller must not hear of it."""
        log.warning("id_conflict", job=self.job.id)
        message = self.job.message()
        DeadLetters(self.resources.redis).add(
            message.to_wire().encode(),
            list_key=message.list_key,
            reason=Code.ID_CONFLICT.value,
            detail="the id belongs to another request; expected one of its own",
            at=datetime.now(UTC),
        )
        return LeftAlone()

    def _unrecorded(self, interruption: BaseException) -> Outcome:
        """Have the job delivered again: the ledger could not be told what became of it."""
        log.warning("job_not_recorded", job=self.job.id, error=repr(interruption))
        return PutBack(_PAUSE)

    def _put_back(self, attempt: Attempt, error: JobError) -> Outcome:
        wait = _RETRY_WAITS_SECONDS[min(attempt.number, len(_RETRY_WAITS_SECONDS)) - 1]
        delay = timedelta(seconds=wait)
        try:
            patiently(
                lambda: self.resources.ledger.release(
                    UUID(self.job.id),
                    worker=self.worker,
                    reason=error.code.value,
                    fence=attempt.fence,
                    not_before=datetime.now(UTC) + delay,
                ),
                while_raising=LedgerUnavailable,
                patience=LEDGER_PATIENCE,
            )
        except _UNRECORDED as interruption:
            return self._unrecorded(interruption)
        return PutBack(delay, error, attempt.number)

    def _finish(
        self,
        attempt: Attempt,
        state: State,
        *,
        reason: str | None = None,
        result: str | None = None,
        error: str | None = None,
    ) -> Outcome | None:
        """Write the end into the ledger; None if it took it, else what to do instead."""
        ledger, job_id = self.resources.ledger, UUID(self.job.id)
        try:
            with self.resources.tracer.step("finish"):
                taken = patiently(
                    lambda: ledger.finish(
                        job_id, attempt.fence, state, reason=reason, result=result, error=error
                    ),
                    while_raising=LedgerUnavailable,
                    patience=LEDGER_PATIENCE,
                )
        except _UNRECORDED as interruption:
            return self._unrecorded(interruption)
        except UnknownJob:
            return LeftAlone()
        if taken:
            return None
        log.warning("end_not_taken", job=self.job.id, attempt=attempt.number)
        return LeftAlone()


SUPPLY: dict[type, Callable[[JobRun, Progress], object]] = {
    Progress: lambda _, progress: progress,
    ArtifactStore: lambda run, _: run.resources.artifacts,
    ScheduleBook: lambda run, _: TenantSchedules(
        run.job.tenant, run.resources.ledger, Entries(run.resources.redis)
    ),
}
"""What every pool has for the task functions that ask for it by type."""


@cache
def versions() -> str:
    """Name what computed a result, for the ledger."""
    parts = [f"{name} {version(name)}" for name in ("riskfleet", "numpy")]
    return ", ".join([*parts, f"python {platform.python_version()}"])


def _checked(result: Payload, expected: type[Payload]) -> str:
    """Give the result as JSON that its declared type reads back; NaN never leaves."""
    if not isinstance(result, expected):
        raise InvalidResult(
            f"result: expected {expected.__name__}, received {type(result).__name__}"
        )
    text = result.model_dump_json()
    expected.model_validate_json(text)
    return text


def _stored(finished: Finished) -> Succeeded | Failed:
    if finished.result is not None:
        return Succeeded(finished.result)
    if finished.error is None:  # a shard that was cancelled because its job ended without it
        return Failed(JobError.of(Code.CANCELLED, finished.reason or "cancelled"))
    return Failed(JobError.model_validate_json(finished.error))
