"""The results as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from benchmarks.fairness.fleet import Order
from benchmarks.fairness.rounds import FEW, JOBS, MANY

_GOAL_DELAY = 2.0
_GOAL_THROUGHPUT = 0.85

Round = dict[str, Any]

_PAGE = """\
<!-- Written by benchmarks/fairness/report.py; do not edit. -->
# What turns give a small tenant, and what they cost

A tenant sends {few} jobs while {many} of another wait. *In turn* is the fleet as it is; *as sent*
is the same fleet, in the same run, whose messages lie on the list itself and are served as they
came.

{table}

| goal | measured at worst | |
|---|---|---|
{goals}

## Method
`fleet.echo` that does nothing, where what turns cost is all that differs, or sleeps for 20 ms, as
jobs do that take their time. One cpu worker with one process or two, and the housekeeping worker.
In each of {rounds} rounds, for either job and either order, the order changing from round to round:

- latency: one job after the other on an idle fleet, each from submitting to its result;
- alone: {few} jobs on an idle fleet, from submitting the first to the last result;
- behind: {many} jobs of another tenant are submitted to frozen workers; once ten of them have
  ended, the {few} are submitted;
- throughput: all {all} jobs, from the thaw to the last result.

A figure is the median over the rounds; a ratio is taken within a round, then the median. The
machine is shared: processes of others used {others:.0%} of it (median over the rounds), and what
they leave differs from one moment to the next; CPU time a job hardly depends on that. With one
process and equal jobs the {few} cannot be done sooner than after nine turns and what is left of the
job that runs, 1.8 to 2 times as long as alone.

{machine}

After `make setup`, this measures again, in about ten minutes, and writes this page:

```
.venv/bin/python -m benchmarks.fairness
```
"""


def render(results: dict[str, Any]) -> str:
    """Give the page for the results of a run."""
    rounds = results["rounds"]
    return _PAGE.format(
        few=FEW,
        many=MANY,
        all=FEW + MANY,
        table=_table(rounds),
        goals=_goals(rounds),
        others=median(each["others"] for each in rounds),
        rounds=1 + max(each["number"] for each in rounds),
        machine="\n".join(f"- {name}: {value}" for name, value in results["machine"].items()),
    )


def _table(rounds: Sequence[Round]) -> str:
    lines = [
        "| processes | job | order | latency [ms] | alone [s] | behind [s] | of alone"
        " | jobs a second | of as sent | CPU a job [ms] |",
        "|---" * 10 + "|",
    ]
    for processes, job in _cases(rounds):
        for order in Order:
            ours = _of(rounds, processes, job, order)
            cells = (
                f"{processes}",
                job,
                order.value,
                f"{median(each['latency_ms'] for each in ours):.1f}",
                f"{median(each['alone_seconds'] for each in ours):.3f}",
                f"{median(each['behind_seconds'] for each in ours):.3f}",
                f"{median(map(_delay, ours)):.2f}",
                f"{median(each['jobs_per_second'] for each in ours):.0f}",
                f"{_share(rounds, processes, job):.0%}" if order is Order.IN_TURN else "100%",
                f"{median(each['cpu_ms_per_job'] for each in ours):.2f}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _goals(rounds: Sequence[Round]) -> str:
    cases = _cases(rounds)
    delay = max(median(map(_delay, _of(rounds, *case, Order.IN_TURN))) for case in cases)
    share = min(_share(rounds, *case) for case in cases)
    rows: tuple[tuple[str, str, bool], ...] = (
        (
            f"{FEW} jobs behind {MANY} within {_GOAL_DELAY:g} times what they take alone",
            f"{delay:.2f} times",
            delay <= _GOAL_DELAY,
        ),
        (
            f"at least {_GOAL_THROUGHPUT:.0%} of the throughput as sent",
            f"{share:.0%}",
            share >= _GOAL_THROUGHPUT,
        ),
    )
    return "\n".join(
        f"| {goal} | {got} | {'met' if met else 'missed'} |" for goal, got, met in rows
    )


def _cases(rounds: Sequence[Round]) -> list[tuple[int, str]]:
    return [(n, job) for n in sorted({each["processes"] for each in rounds}) for job in JOBS]


def _of(rounds: Sequence[Round], processes: int, job: str, order: Order) -> list[Round]:
    wanted = (processes, job, order.value)
    return [each for each in rounds if (each["processes"], each["job"], each["order"]) == wanted]


def _share(rounds: Sequence[Round], processes: int, job: str) -> float:
    return _within_rounds(
        _of(rounds, processes, job, Order.IN_TURN),
        _of(rounds, processes, job, Order.AS_SENT),
        lambda ours, theirs: float(ours["jobs_per_second"] / theirs["jobs_per_second"]),
    )


def _within_rounds(
    ours: Sequence[Round], theirs: Sequence[Round], compare: Callable[[Round, Round], float]
) -> float:
    peers = {each["number"]: each for each in theirs}
    return median(compare(each, peers[each["number"]]) for each in ours)


def _delay(each: Round) -> float:
    return float(each["behind_seconds"] / each["alone_seconds"])
