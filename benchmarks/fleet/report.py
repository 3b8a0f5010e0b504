"""The results as a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from benchmarks.fleet import pieces, submissions
from benchmarks.fleet.contenders import BareCelery, Dramatiq, Fleet
from benchmarks.fleet.rounds import BACKLOG, CALLS

KEPT_ROUNDS = 9
_GOAL_THROUGHPUT = 0.70
_GOAL_LATENCY_MS = 3.0
_GOAL_SUBMITS = 5000

_ROLES = ("worker", "worker, children", "housekeeping", "Redis", "Postgres")
_NAMES = (Fleet.name, BareCelery.name, Dramatiq.name)

Round = dict[str, Any]

_PAGE = """\
<!-- Written by benchmarks/fleet/report.py; do not edit. -->
# What the fleet costs beside plain Celery

`fleet.echo` on a real fleet, with intake, ledger and leases on; the same echo as a
[plain Celery task](bare_celery.py), with the same broker options, limits and results; and under
[dramatiq](dramatiq_echo.py).

{contenders}

| goal | measured | |
|---|---|---|
{goals}

## Where the time goes
CPU time a job, while a backlog is worked off [ms]. A machine of two cores has two milliseconds of
it in a millisecond; that is what bounds throughput here.

{cpu}

The fleet's own code, piece by piece, on an otherwise idle fleet (median [µs]). What waits and does
not compute is hidden by other jobs.

{pieces}

## Submitting
Jobs a second into a queue that nobody reads.

{submissions}

## Method
One embedded Redis (a database each) and one embedded Postgres. Every contender has two worker
processes for jobs and stays up throughout. They are measured in turn, in {rounds} short rounds; the
order changes from round to round. In each:

- latency: {calls} echoes, one after the other, each from submitting to reading the result;
- throughput: {backlog} echoes are submitted to frozen workers, and timed from the thaw to the last
  result. Submitting is left out, but not the work of the registrar, which takes waiting jobs into
  the ledger.

The machine is shared. A figure is the median over the {kept} rounds in which processes of others
used the least of it (at most {others:.0%}); a ratio or difference is taken within a round, then the
median. Rounds differ all the same: in the kept ones the fleet's throughput is {lowest:.0%} to
{highest:.0%} of plain Celery's. Over all rounds, the disturbed ones included, the medians are
{all_throughput:.0%} and {all_latency:+.1f} ms. The load average, the share of others and every
single latency are in [results.json](results.json).

Celery's client would wait for results in its own way; here fleet and plain Celery are waited for in
the same: SUBSCRIBE, submit, listen. dramatiq is waited for as it offers, and started with one
thread a process. It then has at most two messages in hand and sleeps when it may fetch no more, so
its throughput is that of its polling, not of its code.

The fleet earns part of its cost back where Celery on Redis is wasteful: task events leave in
batches ([event_batches.py](../../workers/event_batches.py)), a channel keeps its Redis client
([transport.py](../../workers/transport.py)), and a success is stored without reading the old result
first ([result_backend.py](../../workers/result_backend.py)). Plain Celery does not have these here:
the comparison is with Celery as it comes, not with Celery plus our savings.

{machine}

After `make setup`, this measures again, in about six minutes, and writes this page:

```
.venv/bin/python -m benchmarks.fleet
```
"""


def render(results: dict[str, Any]) -> str:
    """Give the page for the results of a run."""
    kept = quietest(results["rounds"])
    by_name, of_all = _by_name(kept), _by_name(results["rounds"])
    ratios = _within_rounds(by_name[Fleet.name], by_name[BareCelery.name], _throughput)
    return _PAGE.format(
        contenders=_contenders(by_name),
        goals=_goals(by_name, results["submissions"]),
        cpu=_cpu(by_name),
        pieces=_pieces(results["pieces"]),
        submissions=_submissions(results["submissions"]),
        rounds=len(results["rounds"]) // len(_NAMES),
        kept=KEPT_ROUNDS,
        calls=CALLS,
        backlog=BACKLOG,
        others=max(r["others"] for r in kept),
        lowest=min(ratios),
        highest=max(ratios),
        all_throughput=median(
            _within_rounds(of_all[Fleet.name], of_all[BareCelery.name], _throughput)
        ),
        all_latency=median(_within_rounds(of_all[Fleet.name], of_all[BareCelery.name], _latency)),
        machine="\n".join(f"- {name}: {value}" for name, value in results["machine"].items()),
    )


def quietest(rounds: Sequence[Round]) -> list[Round]:
    """Give the rounds, of all contenders, that others disturbed least."""
    disturbed = {
        number: max(r["others"] for r in rounds if r["number"] == number)
        for number in {r["number"] for r in rounds}
    }
    kept = sorted(disturbed, key=lambda number: disturbed[number])[:KEPT_ROUNDS]
    return [r for r in rounds if r["number"] in kept]


def _contenders(by_name: dict[str, list[Round]]) -> str:
    def ratio(name: str) -> float:
        return median(_within_rounds(by_name[name], by_name[BareCelery.name], _throughput))

    return _table(
        ("", "latency p50 [ms]", "p99 [ms]", "jobs a second", "of plain Celery's"),
        (
            (
                name,
                f"{median(_p50(r) for r in rounds):.1f}",
                f"{_quantile([ms for r in rounds for ms in r['latencies_ms']], 0.99):.1f}",
                f"{median(_rate(r) for r in rounds):.0f}",
                f"{ratio(name):.0%}",
            )
            for name, rounds in by_name.items()
        ),
    )


def _goals(by_name: dict[str, list[Round]], submitted: dict[str, list[float]]) -> str:
    fleet, bare = by_name[Fleet.name], by_name[BareCelery.name]
    throughput = median(_within_rounds(fleet, bare, _throughput))
    latency = median(_within_rounds(fleet, bare, _latency))
    submits = median(submitted[submissions.TYPESCRIPT])
    rows = (
        (
            f"at least {_GOAL_THROUGHPUT:.0%} of plain Celery's throughput",
            f"{throughput:.0%}",
            throughput >= _GOAL_THROUGHPUT,
        ),
        (
            f"median latency within {_GOAL_LATENCY_MS:.0f} ms of plain Celery's",
            f"{latency:+.1f} ms",
            latency <= _GOAL_LATENCY_MS,
        ),
        (
            f"{_GOAL_SUBMITS} submits a second from TypeScript",
            f"{submits:.0f}",
            submits >= _GOAL_SUBMITS,
        ),
    )
    return "\n".join(
        f"| {goal} | {got} | {'met' if met else 'missed'} |" for goal, got, met in rows
    )


def _cpu(by_name: dict[str, list[Round]]) -> str:
    def used(name: str, role: str) -> float:
        return float(median(r["cpu_ms_per_job"].get(role, 0.0) for r in by_name[name]))

    rows = [(role, *(f"{used(name, role):.2f}" for name in _NAMES)) for role in _ROLES]
    totals = (f"{sum(used(name, role) for role in _ROLES):.2f}" for name in _NAMES)
    return _table(("", *_NAMES), (*rows, ("all", *totals)))


def _pieces(measured: dict[str, dict[str, float]]) -> str:
    return _table(
        ("piece", "where", "takes", "of it computing"),
        (
            (piece, where, f"{measured[piece]['wall_us']:.0f}", f"{measured[piece]['cpu_us']:.0f}")
            for piece, where in pieces.WHERE.items()
        ),
    )


def _submissions(measured: dict[str, list[float]]) -> str:
    return _table(
        ("client", "jobs a second"),
        ((client, f"{median(rates):.0f}") for client, rates in measured.items()),
    )


def _within_rounds(
    ours: Iterable[Round], theirs: Iterable[Round], compare: Callable[[Round, Round], float]
) -> list[float]:
    """Compare round by round."""
    peers = {r["number"]: r for r in theirs}
    return [compare(r, peers[r["number"]]) for r in ours]


def _throughput(ours: Round, theirs: Round) -> float:
    return _rate(ours) / _rate(theirs)


def _latency(ours: Round, theirs: Round) -> float:
    return _p50(ours) - _p50(theirs)


def _by_name(rounds: Sequence[Round]) -> dict[str, list[Round]]:
    return {name: [r for r in rounds if r["contender"] == name] for name in _NAMES}


def _rate(measured: Round) -> float:
    return float(measured["jobs_per_second"])


def _p50(measured: Round) -> float:
    return float(median(measured["latencies_ms"]))


def _quantile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
