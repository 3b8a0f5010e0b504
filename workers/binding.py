"""Make Celery tasks of declarations: outcomes become what Celery stores and sends."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import structlog
from celery import Celery, Task
from celery.exceptions import Ignore, Reject
from redis.exceptions import RedisError

from queues.events import JobEvent, Kind
from queues.job_error import Code, JobError
from tasks.declaration import MERGE_SUFFIX, Declaration, FanOut
from workers.delivery import Delivery
from workers.failure import JobFailed
from workers.fan_out import Coordination, MergeRun, ShardOutcome, ShardRun
from workers.intake import REFUSE
from workers.job_run import Failed, JobRun, Outcome, PutBack, Succeeded
from workers.refusal import REFUSAL, RefusalRun
from workers.told_run import told
from workers.worker_context import WorkerContext

log = structlog.get_logger(__name__)


class FleetTask(Task):
    """What all tasks of the fleet have in common in Celery's eyes."""

    Request = "workers.request:FleetRequest"
    abstract = True
    throws = (JobFailed,)
    # Celery would say so before the job is claimed, and over the outcome of one that has ended.
    track_started = False
    max_retries = None

    def settle(self, outcome: Outcome) -> Any:
        """Turn an outcome into a return value, or into the exception Celery understands."""
        match outcome:
            case Succeeded(result=text, attempt=attempt):
                self.request.update(attempt=attempt)
                return json.loads(text)
            case Failed(error=error, attempt=attempt):
                self.request.update(attempt=attempt)
                raise JobFailed(error.model_dump(mode="json")) from None
            case PutBack(delay=delay, error=error, attempt=attempt):
                self.request.update(attempt=attempt)
                reason = JobFailed(error.model_dump(mode="json")) if error else None
                seconds = delay.total_seconds() * random.uniform(1.0, 1.25)  # noqa: S311 - jitter
                try:
                    raise self.retry(exc=reason, countdown=seconds)
                except Reject as unsent:  # Redis is away: keep the message that we have
                    raise Reject(unsent.reason, requeue=True) from None
            case _:
                raise Ignore

    def after_return(
        self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any
    ) -> None:
        """Tell those who watch how it ended, now that the result can be read."""
        if status == "SUCCESS":
            self._tell(Kind.SUCCEEDED, fraction=1.0)
        elif isinstance(retval, JobFailed):
            cancelled = retval.error.code is Code.CANCELLED
            self._tell(Kind.CANCELLED if cancelled else Kind.FAILED, error=retval.error)

    def on_retry(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Tell those who watch that another attempt follows."""
        if isinstance(exc, JobFailed):
            self._tell(Kind.RETRYING, error=exc.error)

    def _tell(self, kind: Kind, **details: Any) -> None:
        if self.request.get("parent_job") is not None:
            return  # a shard; people watch the job it is part of
        attempt = self.request.get("attempt") or 0
        event = JobEvent.now(kind, self.request.id, attempt=attempt, **details)
        try:
            self.app.fleet.resources().events.publish(event)
        except RedisError as error:
            log.warning("event_not_told", job=self.request.id, kind=kind, error=repr(error))


def bind(app: Celery, catalogue: Iterable[Declaration]) -> None:
    """Register a Celery task for each declaration, for its shards and merge, and for refusals."""
    for declaration in catalogue:
        fan_out = declaration.fan_out
        if fan_out is None:
            _bind(app, declaration, JobRun)
        else:
            _bind(app, declaration, partial(Coordination, celery=app, fan_out=fan_out))
            _bind_shard(app, declaration.shard)
            _bind_merge(app, declaration, fan_out)
    _bind_refusal(app)


def _register(app: Celery, name: str, declaration: Declaration) -> Any:
    return app.task(
        name=name,
        bind=True,
        base=FleetTask,
        soft_time_limit=declaration.terms.soft_limit.total_seconds(),
        time_limit=declaration.terms.hard_limit.total_seconds(),
    )


def _bind(app: Celery, declaration: Declaration, kind: Callable[..., JobRun]) -> None:
    @_register(app, declaration.name, declaration)  # type: ignore[untyped-decorator]
    def run(task: FleetTask, request: Any, expected: Any = None) -> Any:
        job = Delivery.delivered(
            task.request, task=declaration.name, request=request, expected=expected
        )
        fleet: WorkerContext = app.fleet
        return task.settle(
            told(kind(job=job, declaration=declaration, **fleet.for_run(task.request.hostname)))
        )


def _bind_shard(app: Celery, shard: Declaration) -> None:
    @_register(app, shard.name, shard)  # type: ignore[untyped-decorator]
    def run(task: FleetTask, request: Any) -> Any:
        job = Delivery.delivered(task.request, task=shard.name, request=request)
        fleet: WorkerContext = app.fleet
        outcome = told(ShardRun(job=job, declaration=shard, **fleet.for_run(task.request.hostname)))
        match outcome:
            case Succeeded(result=text, traceparent=span):
                return ShardOutcome(result=text, traceparent=span).model_dump(mode="json")
            case Failed(error=error, traceparent=span):
                return ShardOutcome(error=error, traceparent=span).model_dump(mode="json")
            case _:
                return task.settle(outcome)


def _bind_merge(app: Celery, declaration: Declaration, fan_out: FanOut) -> None:
    @_register(app, declaration.name + MERGE_SUFFIX, declaration)  # type: ignore[untyped-decorator]
    def run(task: FleetTask, outcomes: list[Any], request: Any, expected: Any = None) -> Any:
        job = Delivery.delivered(
            task.request, task=declaration.name, request=request, expected=expected
        )
        fleet: WorkerContext = app.fleet
        merge = MergeRun(
            job=job,
            declaration=declaration,
            fan_out=fan_out,
            outcomes=outcomes,
            **fleet.for_run(task.request.hostname),
        )
        return task.settle(told(merge))


def _bind_refusal(app: Celery) -> None:
    @_register(app, REFUSE, REFUSAL)  # type: ignore[untyped-decorator]
    def run(celery_task: FleetTask, request: Any, task: str, error: Any) -> Any:
        job = Delivery.delivered(celery_task.request, task=task, request=request)
        fleet: WorkerContext = app.fleet
        refusal = RefusalRun(
            job=job,
            declaration=REFUSAL,
            error=JobError.model_validate(error),
            **fleet.for_run(celery_task.request.hostname),
        )
        return celery_task.settle(told(refusal))
