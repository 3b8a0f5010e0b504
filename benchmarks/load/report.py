"""The results as a page."""

from __future__ import annotations

from typing import Any

_PAGE = """\
<!-- Written by benchmarks/load/report.py; do not edit. -->
# What the fleet survives

{jobs:,} jobs over four pools, half of them inserted with a transaction and half submitted to
Redis, while workers, Redis and Postgres were killed at random: {acts_total} times in {breaking}
seconds. Then every job was looked up in the ledger.

| promise | held | |
|---|---|---|
| no job is lost | {lost_outbox} of the inserted ones, {missing} of all at last | {lost_verdict} |
| no job has two ends | {twice} | {twice_verdict} |
| every job ends as planned | {otherwise} did not{otherwise_detail} | {otherwise_verdict} |
| no job hangs | {unfinished} | {unfinished_verdict} |
| nothing is left in flight | {left} | {left_verdict} |
| memory of workers that lived throughout grows by less than 10% | {memory} | {memory_verdict} |

Redis was killed with up to a second of its memory not yet on disk, and wiped: {lost_redis} jobs
that had been submitted to it in such a moment were unknown afterwards. That is the window the
transactional outbox closes; their caller, who saw no result, sent them again under the same ids,
and they ended. Callers were told {refused_redis} times that Redis, and {refused_outbox} times
that Postgres, could not take a job, and tried again.

## What was broken
{acts}

Workers that ended although nobody killed them, and were replaced: {died}. Beat
ends when Redis is away, and its lock with it; a worker that spawns ends if the killed process is
its semaphore tracker.

## How jobs ended
{ends}

Attempts at a job: {attempts}.

## Memory
Resident, children included [MiB]: median while 20% to 40% of the jobs had been sent, and from 80%
on.

{memory_table}

## Method
`python -m benchmarks.load` on {cpu}, {memory_of_machine}, {system}. One embedded Redis (AOF,
written once a second), one embedded Postgres, eight workers: two of the `cpu` pool and two that
keep house, of each pair one hunted and one spared; `gpu` (four threads), `etl` (spawned),
`security`, beat. Leases last {lease:g} seconds. Jobs are echoes that sleep up to 20 ms with
messages up to 20 kB, a tenth are PRISM scenarios, some fail on purpose, some are cancelled. Seed
{seed}; what is broken when depends on how fast the machine is all the same. {seconds} seconds in
all.
"""

_GROWTH = 0.10


def render(results: dict[str, Any]) -> str:
    """Give README.md."""
    from benchmarks.load.site import LEASE_SECONDS

    left = {name: count for name, count in results["left_behind"].items() if count}
    growth = {
        name: each["late"] / each["early"] - 1 for name, each in results["memory_mib"].items()
    }
    worst = max(growth, key=lambda name: growth[name])
    lost, refused = results["lost_with_redis"], results["refusals"]
    otherwise = results["ended_otherwise"]
    return _PAGE.format(
        jobs=results["jobs"],
        acts_total=sum(results["acts"].values()),
        breaking=results["seconds"]["breaking"],
        lost_outbox=lost["outbox"],
        missing=results["missing"],
        lost_verdict=_verdict(not lost["outbox"] and not results["missing"]),
        twice=results["ended_twice"],
        twice_verdict=_verdict(not results["ended_twice"]),
        otherwise=sum(otherwise.values()),
        otherwise_detail=f" ({_listed(otherwise)})" if otherwise else "",
        otherwise_verdict=_verdict(not otherwise),
        unfinished=results["unfinished"],
        unfinished_verdict=_verdict(not results["unfinished"]),
        left=_listed(left) if left else "nothing",
        left_verdict=_verdict(not left),
        memory=f"{growth[worst]:+.1%} at most ({worst})",
        memory_verdict=_verdict(growth[worst] < _GROWTH),
        lost_redis=lost["redis"],
        refused_redis=refused["redis"],
        refused_outbox=refused["outbox"],
        acts=_table(("what", "times"), results["acts"]),
        died=_listed(results["died"]) or "none",
        ends=_table(("end", "jobs"), results["ends"]),
        attempts=", ".join(f"{n} for {count:,}" for n, count in results["attempts"].items()),
        memory_table="\n".join(
            [
                "| worker | early | late | growth |",
                "|---|---|---|---|",
                *(
                    f"| {name} | {each['early']} | {each['late']} | {growth[name]:+.1%} |"
                    for name, each in results["memory_mib"].items()
                ),
            ]
        ),
        cpu=results["machine"]["cpu"],
        memory_of_machine=results["machine"]["memory"],
        system=results["machine"]["system"],
        lease=LEASE_SECONDS,
        seed=results["seed"],
        seconds=results["seconds"]["all"],
    )


def _verdict(holds: bool) -> str:
    return "held" if holds else "**not held**"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _table(heading: tuple[str, str], counts: dict[str, int]) -> str:
    rows = [f"| {name} | {count:,} |" for name, count in counts.items()]
    return "\n".join([f"| {heading[0]} | {heading[1]} |", "|---|---|", *rows])
