"""How a job ended, shown: its result as a report or as JSON, or its error."""

from __future__ import annotations

import json
from collections.abc import Callable

from queues.job_error import JobError
from queues.ledger import Job, State
from workers.cli.failure import CommandFailed
from workers.cli.printing import console, print_json, record
from workers.cli.report import print_annual_loss

_REPORTS: dict[str, Callable[[str], None]] = {
    "prism.simulate_scenario": print_annual_loss,
    "prism.simulate_portfolio": print_annual_loss,
}
"""Tasks whose result has a form for people; the others' is shown as JSON."""


def show_outcome(job: Job, *, as_json: bool) -> None:
    """Print the result of a job that has ended, or raise `CommandFailed` with its error."""
    if as_json:
        print_json(record(job))
    elif job.result is not None:
        print_result(job)
    if job.state is not State.SUCCEEDED:
        raise CommandFailed(f"job {job.id} {job.state}: {explanation(job)}")


def print_result(job: Job) -> None:
    """Print a job's result for people."""
    if job.result is None:
        return
    report = _REPORTS.get(job.task)
    if report is None:
        console.print_json(job.result)
    else:
        report(job.result)


def explanation(job: Job) -> str:
    """Give a job's error in words, field by field."""
    if job.error is None:
        return job.reason or "no error was recorded"
    error = JobError.model_validate(json.loads(job.error))
    fields = [
        f"  {each.field}: expected {each.expected}, received {each.received}"
        for each in error.fields
    ]
    return "\n".join([f"{error.message} ({error.code}, {error.remedy})", *fields])
