"""Measure our engines beside their peers and write results.json and README.md. See the latter."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.fleet import machine
from benchmarks.prism import agreement, exact, memory, models, report, warm_job
from benchmarks.prism.contender import EXACTLY, Contender, everybody
from benchmarks.prism.marginals import write_marginals
from benchmarks.prism.rounds import COMPOUND, PRODUCT, WHO, Round, measure, warm_up
from engines.prism import vulnerability

_ROUNDS = 9
_EXACT_RUNS = 30
_LARGE_ROUNDS = 3
_JOBS = 30
_PACKAGES = ("numpy", "scipy", "numba", "pyfair", "pandas")


def main() -> None:
    """Start everybody, measure, and write unless this is only a check."""
    is_quick = "--quick" in sys.argv[1:]
    results = _results(
        rounds=1 if is_quick else _ROUNDS, large_rounds=1 if is_quick else _LARGE_ROUNDS
    )
    rounded = json.loads(json.dumps(results), parse_float=_rounded)
    page = report.render(rounded)
    if is_quick:
        print(page)
        return
    here = Path(__file__).parent
    (here / "results.json").write_text(json.dumps(rounded, indent=1) + "\n")
    (here / "README.md").write_text(page)


def _results(*, rounds: int, large_rounds: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers, marginals = folder / "models.json", folder / "marginals.npz"
        peers.write_text(json.dumps(models.for_peers()))
        write_marginals(marginals)
        contenders = {
            each.name: stack.enter_context(each) for each in everybody(folder, peers, marginals)
        }
        warm_up(contenders)
        measured = [each for work in WHO for each in _rounds(work, rounds, contenders)]
        exactly = _exact(contenders[EXACTLY])
    large = {work: memory.measure(work, rounds=large_rounds) for work in (PRODUCT, COMPOUND)}
    return {
        "machine": machine.describe(_PACKAGES) | {"node": _node_version()},
        "rounds": [_without_curves(each) for each in measured],
        "deviations": {work: _deviations(measured, work) for work in WHO},
        "exact": exactly,
        "large": large,
        "job": warm_job.measure(_JOBS),
    }


def _rounds(work: str, rounds: int, contenders: Mapping[str, Contender]) -> list[Round]:
    machine.wait_for_quiet()
    measured = []
    for number in range(rounds):
        for each in measure(work, number, contenders):
            measured.append(each)
            cpu_ms = median(run.cpu_ms for run in each.runs)
            print(f"{work}, round {number + 1} of {rounds}, {each.contender}: {cpu_ms:.1f} ms")
    return measured


def _deviations(rounds: Sequence[Round], work: str) -> dict[str, dict[str, float]]:
    of = models.product().vulnerability
    assert of is not None
    return agreement.deviations(
        [each for each in rounds if each.work == work],
        vulnerability=vulnerability.probability(of),
    )


def _exact(contender: Contender) -> dict[str, Any]:
    runs = [contender.ask("exact", trials=0, seed=0) for _ in range(2 * _EXACT_RUNS)][_EXACT_RUNS:]
    expected = exact.reference()
    return {
        "cpu_ms": [run.cpu_ms for run in runs],
        "errors": exact.errors(runs[-1].answer, expected),
        "trials_for_wanted": [expected[percent].trials_for_wanted for percent in exact.PERCENTS],
    }


def _without_curves(measured: Round) -> dict[str, Any]:
    plain = asdict(measured)
    for run in plain["runs"]:
        del run["answer"]["curve"]
    return plain


def _node_version() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()


def _rounded(digits: str) -> float:
    return float(f"{float(digits):.6g}")


if __name__ == "__main__":
    main()
