"""`fleet shadow`: how callers' own answers compare with ours, and whether they may switch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic.alias_generators import to_camel

from queues.ledger.shadow import ComparedJob, ShadowComparisons, ShadowSummary
from workers.cli.connection import connection
from workers.cli.failure import CommandFailed, CommandMisused
from workers.cli.jobs import JobId
from workers.cli.printing import (
    AsJson,
    console,
    print_fields,
    print_json,
    print_table,
)
from workers.cli.task_names import declared


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a task's comparisons are reason enough to rely on it alone."""

    is_safe: bool
    at_most: float
    most_disagreement: float
    """Upper 95% limit of the share of jobs that would disagree."""
    clean_needed: int
    """Further comparisons, all agreeing, until it is safe."""

    @classmethod
    def of(cls, summary: ShadowSummary, *, at_most: float) -> Verdict:
        """Judge by the exact limit."""
        # Here, because it loads SciPy, and other commands do without.
        from engines.agreement import clean_needed, most_disagreement

        # A job that fails where its caller has an answer disagrees as well.
        seen = summary.compared + summary.failed
        disagreed = seen - summary.agreed
        limit = most_disagreement(disagreed, seen)
        needed = clean_needed(disagreed, seen, at_most=at_most)
        return cls(
            is_safe=needed == 0, at_most=at_most, most_disagreement=limit, clean_needed=needed
        )


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(
        help="Callers' own answers, compared with the fleet's.", no_args_is_help=True
    )
    group.command()(report)
    group.command()(show)
    app.add_typer(group, name="shadow")


def report(
    task: Annotated[str, typer.Argument(help="The task's name.")],
    since: Annotated[
        str, typer.Option(help="Only from then on: a day or a time, UTC unless it says.")
    ] = "",
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's.")] = None,
    at_most: Annotated[
        float, typer.Option(help="The share of disagreeing jobs that would be tolerable.")
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Say how often answers agree, where they do not, and whether it is safe to switch."""
    if not 0 < at_most < 1:
        raise CommandMisused(f"--at-most: expected a share above 0 and below 1, received {at_most}")
    moment = _moment(since)
    comparisons = ShadowComparisons(connection().ledger.engine)
    summary = comparisons.summary(task, since=moment, tenant=tenant)
    if not summary.compared:
        declared(task)  # a name that does not exist is better called that
    verdict = Verdict.of(summary, at_most=at_most)
    if as_json:
        found = {
            **vars(summary),
            **vars(verdict),
            "places": [_in_camel_case(vars(place)) for place in summary.places],
        }
        print_json({"task": task, "tenant": tenant, **_in_camel_case(found)})
        return
    print_fields(_told(summary, verdict))
    if summary.places:
        console.print()
        print_table(
            ("where", "jobs", "tolerances", "expected", "received", "by job"),
            (
                (
                    place.path,
                    place.jobs,
                    _distance(place.distance),
                    _value(place.expected),
                    _value(place.received),
                    place.job_id,
                )
                for place in summary.places
            ),
            spare=1,
        )
    console.print(f"\n{_sentence(summary, verdict)}", soft_wrap=True)


def show(job_id: JobId, as_json: AsJson = False) -> None:
    """Show how one job's answer compares with its caller's."""
    found = ShadowComparisons(connection().ledger.engine).of_job(job_id)
    if found is None:
        raise CommandFailed(
            f"nothing was compared for job {job_id}: its caller sent no answer along, "
            "it has not succeeded, or the comparison was lost"
        )
    if as_json:
        print_json(_in_camel_case(vars(found)))
        return
    print_fields(_told_of_job(found))
    if found.differences:
        console.print()
        print_table(
            ("where", "tolerances", "expected", "received"),
            (
                (
                    each["path"],
                    _distance(each["distance"]),
                    _value(each["expected"]),
                    _value(each["received"]),
                )
                for each in found.differences
            ),
        )


def _told(summary: ShadowSummary, verdict: Verdict) -> dict[str, Any]:
    if not summary.compared:
        return {"compared": 0, "failed": summary.failed or None}
    share = summary.agreed / summary.compared
    return {
        "compared": f"{summary.compared} jobs",
        "agreed": f"{summary.agreed} ({share:.2%})",
        "failed": summary.failed or None,
        "disagree at most": f"{verdict.most_disagreement:.3%} (upper 95% limit)",
        "oldest": summary.oldest,
        "newest": summary.newest,
        "run time": f"{summary.run_p50_seconds:.3f} s median, {summary.run_p95_seconds:.3f} s p95",
    }


def _told_of_job(found: ComparedJob) -> dict[str, Any]:
    return {
        "job": found.job_id,
        "task": found.task,
        "tenant": found.tenant,
        "at": found.at,
        "agrees": "yes" if found.agrees else "no",
        "values compared": found.compared,
    }


def _sentence(summary: ShadowSummary, verdict: Verdict) -> str:
    bound = f"{verdict.at_most:.2%}"
    if verdict.is_safe:
        return (
            f"Safe to switch: with 95% confidence fewer than {bound} of such jobs would disagree."
        )
    more = (
        f"Not yet: {verdict.clean_needed} more that agree would show fewer than {bound} to disagree"
    )
    if summary.failed:
        return f"{more}. Better find out why jobs failed: fleet jobs --state failed."
    if summary.compared == summary.agreed:
        return f"{more}."
    return f"{more}. Better find out why those above do, and count --since then."


def _distance(tolerances: float | None) -> str:
    return "unlike" if tolerances is None else f"{tolerances:.3g}"


def _in_camel_case(found: Mapping[str, Any]) -> dict[str, Any]:
    """Name what is found as JSON does. Expected and received are values here, not documents."""
    return {to_camel(name): value for name, value in found.items()}


def _value(value: object) -> str:
    return f"{value:.8g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandMisused(
            f"--since: expected a day or a time in ISO 8601, received {text}"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
