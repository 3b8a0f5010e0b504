"""How callers' own answers compare with the fleet's: what is kept of it, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double, Engine, cast, func, select, text

from queues.ledger.connection import transaction
from queues.ledger.records import State
from queues.ledger.schema import job, shadow_comparison

_MOST_PLACES = 20

# A null distance, which is no matter of more or less, sorts as the greatest.
_PLACES = text(r"""
WITH difference AS (
    SELECT job_id, item, (item->>'distance')::float8 AS distance,
        regexp_replace(item->>'path', '(^|\.)\d+(?=\.|$)', '\1*', 'g') AS path
    FROM riskfleet.shadow_comparison, json_array_elements(differences) AS item
    WHERE task = :task AND NOT agrees
        AND tenant = coalesce(:tenant, tenant)
        AND at >= coalesce(CAST(:since AS timestamptz), '-infinity')
), farthest AS (
    SELECT DISTINCT ON (path) path, distance, job_id,
        item->'expected' AS expected, item->'received' AS received
    FROM difference ORDER BY path, distance DESC
), counted AS (
    SELECT path, count(DISTINCT job_id) AS jobs FROM difference GROUP BY path
)
SELECT path, jobs, distance, expected, received, job_id
FROM farthest JOIN counted USING (path)
ORDER BY jobs DESC, path LIMIT :most
""")


@dataclass(frozen=True, kw_only=True)
class ComparedJob:
    """What came of one job's comparison."""

    job_id: UUID
    task: str
    tenant: str
    at: datetime
    agrees: bool
    compared: int
    """Values that were looked at."""
    differences: list[dict[str, Any]]
    """Each with path, expected, received and distance (in tolerances); the farthest first."""


@dataclass(frozen=True, kw_only=True)
class DisagreeingPlace:
    """A place in the result where answers differ; positions in lists are written as `*`."""

    path: str
    jobs: int
    distance: float | None
    """The greatest, in tolerances; null where one was no matter of more or less."""
    expected: Any
    """By the job that differs most."""
    received: Any
    job_id: UUID


@dataclass(frozen=True, kw_only=True)
class ShadowSummary:
    """What a task's comparisons come to."""

    compared: int
    """Jobs that succeeded."""
    agreed: int
    """Jobs in which everything did."""
    failed: int
    """Jobs that came with an answer and failed."""
    oldest: datetime | None
    newest: datetime | None
    run_p50_seconds: float | None
    """From a worker's claim to the end, of the same jobs."""
    run_p95_seconds: float | None
    places: tuple[DisagreeingPlace, ...]
    """Where the most jobs disagree first, at most twenty."""


class ShadowComparisons:
    """The comparisons that were recorded. Raises `LedgerUnavailable` if Postgres is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_job(self, job_id: UUID) -> ComparedJob | None:
        """Give the comparison of a job; none if its caller sent no answer, or it was lost."""
        columns = [shadow_comparison.c[name] for name in ComparedJob.__dataclass_fields__]
        query = select(*columns).where(shadow_comparison.c.job_id == job_id)
        with transaction(self._engine) as connection:
            row = connection.execute(query.order_by(shadow_comparison.c.id.desc())).first()
        return None if row is None else ComparedJob(**row._asdict())

    def summary(
        self, task: str, *, since: datetime | None = None, tenant: str | None = None
    ) -> ShadowSummary:
        """Sum up a task's comparisons."""
        wanted = [shadow_comparison.c.task == task]
        if since is not None:
            wanted.append(shadow_comparison.c.at >= since)
        if tenant is not None:
            wanted.append(shadow_comparison.c.tenant == tenant)
        seconds = cast(func.extract("epoch", job.c.finished_at - job.c.claimed_at), Double)
        overall = (
            select(
                func.count().label("compared"),
                func.count().filter(shadow_comparison.c.agrees).label("agreed"),
                func.min(shadow_comparison.c.at).label("oldest"),
                func.max(shadow_comparison.c.at).label("newest"),
                func.percentile_cont(0.5).within_group(seconds).label("run_p50_seconds"),
                func.percentile_cont(0.95).within_group(seconds).label("run_p95_seconds"),
            )
            .select_from(shadow_comparison.join(job))
            .where(*wanted)
        )
        failed = select(func.count()).where(
            job.c.task == task,
            job.c.state == State.FAILED,
            job.c.expected.is_not(None),
            job.c.parent_id.is_(None),
            *([job.c.finished_at >= since] if since is not None else []),
            *([job.c.tenant == tenant] if tenant is not None else []),
        )
        with transaction(self._engine) as connection:
            whole = connection.execute(overall).one()._asdict()
            asked = {"task": task, "tenant": tenant, "since": since, "most": _MOST_PLACES}
            places = connection.execute(_PLACES, asked).all()
            failures = connection.execute(failed).scalar_one()
        return ShadowSummary(
            **whole,
            failed=failures,
            places=tuple(DisagreeingPlace(**row._asdict()) for row in places),
        )
