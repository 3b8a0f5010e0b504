"""Jobs that are sent by the clock: what the tasks `fleet.*_schedule` do, without a job for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from queues.ledger.audit import Action
from queues.ledger.tokens import AccessToken
from queues.schedule import Schedule
from tasks.fleet.put_schedule import PutScheduleRequest, put_schedule
from tasks.fleet.schedule_state import ScheduleName, ScheduleState
from tasks.fleet.show_schedule import ShowScheduleResult
from tasks.payload import Payload
from workers.gateway.gateway import Caller, Gateway, Here
from workers.gateway.openapi import named_request_body
from workers.gateway.problem import Refused, not_found
from workers.gateway.request_body import json_bytes, named_request_in
from workers.schedules.book import TenantSchedules
from workers.schedules.entries import Entries

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])

Name = Annotated[ScheduleName, Path()]


class Schedules(Payload):
    """Every schedule of a tenant."""

    schedules: tuple[ScheduleState, ...]
    """By name."""


@router.get("")
def list_schedules(here: Here, caller: Caller) -> Schedules:
    """List the schedules, with their next runs."""
    return Schedules(schedules=tuple(map(_state, _book(here, caller).listed())))


@router.get("/{name}")
def read_schedule(name: Name, here: Here, caller: Caller) -> ShowScheduleResult:
    """Give a schedule with the request that it sends."""
    schedule = _book(here, caller).find(name)
    if schedule is None:
        raise _unknown(name)
    return ShowScheduleResult(schedule=_state(schedule), request=json.loads(schedule.request))


@router.put("/{name}", openapi_extra={"requestBody": named_request_body(put_schedule)})
async def write_schedule(name: Name, request: Request, here: Here, caller: Caller) -> ScheduleState:
    """Have a job sent every so often, or by a cron expression; make or change its schedule."""
    body = await json_bytes(request, at_most=here.settings.max_body_bytes)
    return await run_in_threadpool(_write, here, caller, name, body)


@router.post("/{name}/pause")
def pause_schedule(name: Name, here: Here, caller: Caller) -> ScheduleState:
    """Stop sending the jobs, and keep the schedule."""
    return _enable(here, caller, name, Action.PAUSE_SCHEDULE)


@router.post("/{name}/resume")
def resume_schedule(name: Name, here: Here, caller: Caller) -> ScheduleState:
    """Send the jobs of a paused schedule again."""
    return _enable(here, caller, name, Action.RESUME_SCHEDULE)


@router.delete("/{name}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
def remove_schedule(name: Name, here: Here, caller: Caller) -> None:
    """Forget a schedule; jobs it has sent go on."""
    with here.act(caller, Action.REMOVE_SCHEDULE, detail={"schedule": name}):
        if not _book(here, caller).remove(name):
            raise _unknown(name)


def _write(here: Gateway, caller: AccessToken, name: str, body: bytes) -> ScheduleState:
    asked = named_request_in(body, put_schedule, name)
    assert isinstance(asked, PutScheduleRequest)
    detail = {"schedule": name, "task": asked.task}
    with here.act(caller, Action.PUT_SCHEDULE, detail=detail):
        return _state(_book(here, caller).put(asked.terms(), enabled=asked.enabled))


def _enable(here: Gateway, caller: AccessToken, name: str, action: Action) -> ScheduleState:
    with here.act(caller, action, detail={"schedule": name}):
        schedule = _book(here, caller).enable(name, enabled=action is Action.RESUME_SCHEDULE)
        if schedule is None:
            raise _unknown(name)
        return _state(schedule)


def _book(here: Gateway, caller: AccessToken) -> TenantSchedules:
    return TenantSchedules(caller.tenant, here.ledger, Entries(here.redis))


def _state(schedule: Schedule) -> ScheduleState:
    return ScheduleState.of(schedule, now=datetime.now(UTC))


def _unknown(name: str) -> Refused:
    return not_found(f"schedule {name}")
