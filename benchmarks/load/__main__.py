"""Load the fleet, break it while it works, and account for every job. See README.md."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import psycopg
import typer

from benchmarks.fleet import machine
from benchmarks.load import report
from benchmarks.load.account import count_unfinished, left_behind, take_account
from benchmarks.load.callers import Caller, OutboxCaller, RedisCaller
from benchmarks.load.mischief import Mischief
from benchmarks.load.site import Site
from benchmarks.load.workload import PlannedJob, planned_jobs

_PATIENCE_SECONDS = 1200


def main(
    count: Annotated[int, typer.Option(help="How many jobs.")] = 20_000,
    seed: int = 20261122,
    per_second: Annotated[float, typer.Option(help="How fast each of two callers sends.")] = 60,
    folder: Annotated[Path | None, typer.Option(help="Keep data and logs there.")] = None,
    write: Annotated[bool, typer.Option(help="Write results.json and README.md.")] = True,
) -> None:
    """Run the whole of it, a good ten minutes for 20,000 jobs."""
    jobs = list(planned_jobs(count, seed=seed))
    with tempfile.TemporaryDirectory() as temporary, Site(folder or Path(temporary)) as site:
        results = _run(site, jobs, seed=seed, per_second=per_second)
    results |= {"machine": machine.describe(), "jobs": count, "seed": seed}
    print(json.dumps(results, indent=1))
    if write:
        here = Path(__file__).parent
        (here / "results.json").write_text(json.dumps(results, indent=1) + "\n")
        (here / "README.md").write_text(report.render(results))


def _run(site: Site, jobs: list[PlannedJob], *, seed: int, per_second: float) -> dict[str, Any]:
    callers: list[Caller] = [
        OutboxCaller(
            [job for job in jobs if job.by_outbox], url=site.postgres.url, per_second=per_second
        ),
        RedisCaller(
            [job for job in jobs if not job.by_outbox], url=site.redis.url, per_second=per_second
        ),
    ]
    began = time.monotonic()
    mischief = Mischief(site, seed=seed)
    for caller in callers:
        caller.start()
    memory = [_sample(site, 0.0)]
    while any(caller.is_alive() for caller in callers):
        mischief.pause()
        mischief.act()
        site.replace_dead()
        memory.append(_sample(site, sum(caller.sent for caller in callers) / len(jobs)))
        print(f"{memory[-1]['sent']:.0%} sent, {sum(mischief.done.values())} acts", flush=True)
    broken_seconds = time.monotonic() - began

    _wait_for_the_end(site, {job.id for job in jobs})
    first = take_account(site.postgres.url, jobs)
    lost = {"outbox": 0, "redis": 0}
    for job in first.missing:
        lost["outbox" if job.by_outbox else "redis"] += 1
    if first.missing:  # their callers see no result, and ask again under the same id
        again = RedisCaller(first.missing, url=site.redis.url, per_second=per_second)
        again.run()
        _wait_for_the_end(site, {job.id for job in jobs})
    account = take_account(site.postgres.url, jobs)
    seconds = time.monotonic() - began
    _wait_for_calm(site)
    return {
        "acts": dict(sorted(mischief.done.items())),
        "died": dict(site.died),
        "refusals": {"outbox": callers[0].refused, "redis": callers[1].refused},
        "lost_with_redis": lost,
        "missing": len(account.missing),
        "unfinished": account.unfinished,
        "ended_twice": account.ended_twice,
        "ended_otherwise": dict(account.ended_otherwise),
        "ends": dict(account.ends),
        "attempts": {str(number): count for number, count in sorted(account.attempts.items())},
        "left_behind": left_behind(site.redis.url),
        "memory_mib": {
            name: {"early": _median(memory, name, 0.2, 0.4), "late": _median(memory, name, 0.8, 1)}
            for name in memory[-1]["resident"]
        },
        "seconds": {"breaking": round(broken_seconds), "all": round(seconds)},
    }


def _sample(site: Site, sent: float) -> dict[str, Any]:
    return {"sent": sent, "resident": site.resident_mib()}


def _median(memory: list[dict[str, Any]], name: str, after: float, until: float) -> float:
    within = [each["resident"][name] for each in memory if after <= each["sent"] <= until]
    return round(median(within), 1) if within else float("nan")


def _wait_for_the_end(site: Site, ids: set[Any]) -> None:
    """Wait until all jobs have ended, or until it no longer gets fewer that have not."""
    best, since = len(ids) + 1, time.monotonic()
    while time.monotonic() - since < _PATIENCE_SECONDS / 20:
        try:
            left = count_unfinished(site.postgres.url, ids)
        except psycopg.OperationalError:
            left = best
        if left == 0:
            return
        if left < best:
            best, since = left, time.monotonic()
            print(f"{left} have not ended", flush=True)
        time.sleep(2)


def _wait_for_calm(site: Site) -> None:
    """Give duplicates that circle until their lease ends the time to be dropped."""
    end = time.monotonic() + 60
    while any(
        left_behind(site.redis.url)[name] for name in ("unacked", "queues", "lanes", "parked")
    ):
        if time.monotonic() > end:
            return
        time.sleep(1)


if __name__ == "__main__":
    typer.run(main)
