"""Examples of what crosses the wire. Every language builds or reads them in its tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from queues.events import JobEvent, Kind
from queues.job_error import Code, FieldProblem, JobError
from queues.message import TaskMessage, job_id_for
from queues.names import Priority
from queues.request_hash import request_hash
from tasks.payload import MAX_SAFE_INTEGER

_JOB_ID = "0f6d3a52-8a1e-4c57-9d0b-6c1f4b1f2a10"
_NOON = datetime(2026, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def messages() -> list[dict[str, Any]]:
    """Give submissions, each with the message and the request hash that it leads to."""
    return [
        _message("plain"),
        _message("high priority", priority=Priority.HIGH),
        _message("low priority", priority=Priority.LOW),
        _message("not before a moment", not_before=_NOON),
        _message("with a deadline", deadline=_NOON.replace(microsecond=0)),
        _message("of a tenant", tenant="acme-eu.7"),
        _message("traced", traceparent=_TRACE, tracestate="vendor=00f067aa0ba902b7"),
        _message("without a schema hash", schema_hash=None),
        _message(
            "text beyond ASCII", request={"name": 'Größe 損失 😀 \u2028\x7f\n"', "é": 1, "z": 2}
        ),
        _message("keys in UTF-16 order", request={"\ufb33": 1, "😀": 2, "10": 3, "9": 4, "": 5}),
        _message("largest safe integer", request={"seed": MAX_SAFE_INTEGER, "low": -1}),
        _message(
            "numbers",
            request={"values": [0.1, 1e-7, 1.5e300, 1e21, 0.000001, 100.5, 1 / 3, 5e-324]},
        ),
        _message(
            "amounts beyond 2^53", request={"amounts": [1e16, 2.0**53, 1.2345678901234567e20, 3.0]}
        ),
        _message("nested", request={"a": [{"b": [None, True, False, [], {}]}], "c": {"d": {}}}),
        _message(
            "everything at once",
            task="prism.simulate_scenario",
            queue="gpu",
            request={"trials": 1000},
            priority=Priority.HIGH,
            tenant="acme",
            not_before=_NOON,
            deadline=_NOON.replace(hour=13),
            traceparent=_TRACE,
        ),
    ]


def job_ids() -> list[dict[str, str]]:
    """Give idempotency keys and the job ids made from them."""
    return [
        {
            "tenant": tenant,
            "task": task,
            "idempotencyKey": key,
            "jobId": job_id_for(tenant=tenant, task=task, idempotency_key=key),
        }
        for tenant, task, key in (
            ("default", "fleet.echo", "1"),
            ("acme", "prism.simulate_scenario", "assessment 42, revision 7"),
            ("acme", "prism.simulate_scenario", "Prüfung 損失 😀"),
        )
    ]


def events() -> list[dict[str, Any]]:
    """Give one event of each kind."""
    halfway = {"fraction": 0.42, "message": "block 420 of 1000"}
    away = JobError.of(Code.UNAVAILABLE, "the database did not answer")
    broken = JobError.of(Code.INTERNAL, "KeyError in the engine")
    stopped = JobError.of(Code.CANCELLED, "not needed any more")
    return [
        _event(Kind.ACCEPTED),
        _event(Kind.RUNNING, attempt=1),
        _event(Kind.PROGRESS, attempt=1, **halfway),
        _event(Kind.RETRYING, attempt=1, error=away),
        _event(Kind.SUCCEEDED, attempt=2),
        _event(Kind.FAILED, attempt=3, error=broken),
        _event(Kind.CANCELLED, attempt=1, error=stopped),
    ]


def results() -> list[dict[str, Any]]:
    """Give what can stand under a result's key, in Celery's form."""
    problems = (
        FieldProblem(
            field="scenario.frequency.low", expected="a number of at least 0", received="-1"
        ),
        FieldProblem(field="trials", expected="an integer", received="text"),
    )
    return [
        {"name": "started", "meta": _meta("STARTED", {"pid": 4242, "hostname": "cpu@worker"})},
        {"name": "retrying", "meta": _meta("RETRY", _failure(JobError.of(Code.UNAVAILABLE, "")))},
        {"name": "succeeded", "meta": _meta("SUCCESS", {"message": "Größe", "allocatedBytes": 0})},
        *(
            {"name": code.value, "meta": _meta("FAILURE", _failure(error))}
            for code in Code
            for error in [
                JobError.of(
                    code,
                    f"what happened, for {code.value}",
                    problems if code is Code.INVALID_REQUEST else (),
                )
            ]
        ),
    ]


def _message(
    name: str,
    *,
    task: str = "fleet.echo",
    queue: str = "cpu",
    request: dict[str, Any] | None = None,
    schema_hash: str | None = "0123456789abcdef",
    **options: Any,
) -> dict[str, Any]:
    message = TaskMessage(
        task=task,
        job_id=_JOB_ID,
        queue=queue,
        request={"message": "hello"} if request is None else request,
        schema_hash=schema_hash,
        origin="golden",
        delivery_tag="11111111-2222-4333-8444-555555555555",
        **options,
    )
    given = {
        "task": message.task,
        "queue": message.queue,
        "id": message.job_id,
        "request": message.request,
        "tenant": message.tenant,
        "priority": message.priority.value,
        "schemaHash": message.schema_hash,
        "eta": _iso(message.not_before),
        "deadline": _iso(message.deadline),
        "traceparent": message.traceparent,
        "tracestate": message.tracestate,
        "origin": message.origin,
        "deliveryTag": message.delivery_tag,
    }
    return {
        "name": name,
        "given": {key: value for key, value in given.items() if value is not None},
        "list": message.list_key,
        "message": message.to_frame(),
        "requestHash": request_hash(
            task=message.task, tenant=message.tenant, request=message.request
        ),
    }


def _event(kind: Kind, **details: Any) -> dict[str, Any]:
    event = JobEvent(kind=kind, job_id=_JOB_ID, at=_NOON, **details)
    return event.model_dump(mode="json", by_alias=True)


def _failure(error: JobError) -> dict[str, Any]:
    detail = error.model_dump(mode="json", by_alias=True)
    return {"exc_type": "JobFailed", "exc_module": "workers.failure", "exc_message": [detail]}


def _meta(status: str, result: Any) -> dict[str, Any]:
    return {
        "status": status,
        "result": result,
        "traceback": None,
        "children": [],
        "date_done": None if status in {"STARTED", "RETRY"} else _NOON.isoformat(),
        "task_id": _JOB_ID,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
