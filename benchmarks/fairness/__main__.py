"""Measure what turns cost and give, and write results.json and README.md. See the latter."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.fairness import report
from benchmarks.fairness.fleet import Fleet, Order
from benchmarks.fairness.rounds import JOBS, Round, measure
from benchmarks.fleet import machine
from queues.ledger import migrate
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

ROUNDS = 5
PROCESSES = (1, 2)


def main() -> None:
    """Start everything, measure, stop everything, write."""
    rounds: list[Round] = []
    for processes in PROCESSES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
            postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
            migrate.upgrade(postgres.url)
            fleet = stack.enter_context(Fleet(redis.url, postgres.url, folder, processes))
            rounds += _rounds(fleet)
    _write({"machine": machine.describe(), "rounds": [vars(each) for each in rounds]})


def _rounds(fleet: Fleet) -> list[Round]:
    fleet.warm_up()
    measured = []
    for number in range(ROUNDS):
        # The order of the contenders changes from round to round.
        orders = list(Order) if number % 2 else list(reversed(Order))
        for job in JOBS:
            for order in orders:
                machine.wait_for_quiet()
                measured.append(measure(fleet, number, order, job))
                print(_line(measured[-1]), flush=True)
    return measured


def _line(each: Round) -> str:
    return (
        f"{each.processes} processes, round {each.number + 1} of {ROUNDS}, {each.job}, "
        f"{each.order}: {each.jobs_per_second:.0f} jobs/s, "
        f"{each.cpu_ms_per_job:.2f} ms of CPU a job, others used {each.others:.0%}, "
        f"five jobs alone {each.alone_seconds:.3f} s, behind {each.behind_seconds:.3f} s"
    )


def _write(results: dict[str, Any]) -> None:
    here = Path(__file__).parent
    rounded = json.loads(json.dumps(results), parse_float=lambda digits: round(float(digits), 4))
    (here / "results.json").write_text(json.dumps(rounded, indent=1) + "\n")
    (here / "README.md").write_text(report.render(rounded))


if __name__ == "__main__":
    main()
