"""Measure the fleet beside its peers and write results.json and README.md. See the latter."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.fleet import machine, pieces, report, submissions
from benchmarks.fleet.contenders import BareCelery, Contender, Dramatiq, Fleet
from benchmarks.fleet.rounds import Round, measure
from queues.ledger import migrate
from workers.embedded.postgres import EmbeddedPostgres
from workers.embedded.redis import EmbeddedRedis

_ROUNDS = 15
_WARM_UP_CALLS = 50


def main() -> None:
    """Start everything, measure, stop everything, write."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        migrate.upgrade(postgres.url)
        databases = [redis.url.removesuffix("0") + str(number) for number in range(5)]
        contenders: list[Contender] = [
            Fleet(databases[0], postgres.url, folder),
            BareCelery(databases[1], folder),
            Dramatiq(databases[2], folder),
        ]
        for contender in contenders:
            for worker in contender.workers.values():
                stack.enter_context(worker)
        results = {
            "machine": machine.describe(),
            "rounds": [vars(each) for each in _rounds(contenders)],
            "submissions": submissions.measure(databases[3]),
            "pieces": pieces.measure(databases[4], postgres.url, folder),
        }
    _write(results)


def _rounds(contenders: list[Contender]) -> list[Round]:
    for contender in contenders:
        for _ in range(_WARM_UP_CALLS):
            contender.call()
    measured = []
    for number in range(_ROUNDS):
        for each in measure(number, contenders):
            measured.append(each)
            print(
                f"round {number + 1} of {_ROUNDS}, {each.contender}:"
                f" {each.jobs_per_second:.0f} jobs/s, others used {each.others:.0%}",
                flush=True,
            )
    return measured


def _write(results: dict[str, Any]) -> None:
    here = Path(__file__).parent
    rounded = json.loads(json.dumps(results), parse_float=lambda digits: round(float(digits), 3))
    (here / "results.json").write_text(json.dumps(rounded, indent=1) + "\n")
    (here / "README.md").write_text(report.render(rounded))


if __name__ == "__main__":
    main()
