"""The results as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.prism import exact, models
from benchmarks.prism.agreement import FAR
from benchmarks.prism.contender import EXACTLY, NUMPY, OPTIMISED, OURS, PYFAIR, TYPICAL, ZIGGURAT
from benchmarks.prism.rounds import COMPOUND, CORRELATED, IN_A_ROW, PRODUCT, WHO

Round = dict[str, Any]

COVERAGE = Path(__file__).parent / "coverage.json"
"""Written by coverage.py."""

_LETTER = {PRODUCT: "A", COMPOUND: "B", CORRELATED: "D"}
_GOALS_MS = {PRODUCT: 15.0, COMPOUND: 8.0, CORRELATED: 250.0}
_GOAL_RATIOS = {
    PRODUCT: {PYFAIR: 40, TYPICAL: 100, OPTIMISED: 50},
    COMPOUND: {TYPICAL: 150, OPTIMISED: 50, NUMPY: 25},
    CORRELATED: {NUMPY: 10},
}
_GOAL_EXACT_MS = 3.0
_GOAL_LARGE_S = 2.0
_GOAL_GROWTH_MIB = 5.0
_GOAL_JOB_MS = 60.0

_PAGE = """\
<!-- Written by benchmarks/prism/report.py; do not edit. -->
# What a simulation costs, here and elsewhere

CPU time of one thread, for the same deliverable: mean, standard deviation, five percentiles and a
loss exceedance curve of {curve} points, from {trials:,} trials.

{simulations}

{goals}

{without_trials}

What our simulations spend their time on [ms]: tables of quantiles, made anew for every run; the
years; and the answers, each with its interval, which the peers do not give.

{pieces}

## Exactly
C, the compound year of B without trials: value at risk and tail value at risk at four levels
together take {exact_ms:.1f} ms. The engine's answers are held against another computation of the
same ([exact.py](exact.py)).

{exact}

## A hundred million trials
In a fresh process, after a warm-up of {trials:,} trials: what it takes, by how much its resident
memory is larger afterwards, and by how much it was larger at most. Medians of {large_rounds}.

{large}

## A job
{job}

## Do the intervals hold
How often, in per cent, the 95% interval held the truth: {coverage_model}, whose answers are known
in closed form, {coverage_trials:,} years simulated with each of {coverage_seeds:,} seeds
([coverage.py](coverage.py)). {coverage_note}

{coverage}

## Who
- {ours}: the engines of this repository ([engines.py](engines.py)), by Monte Carlo from the
  scenario to the answers with their intervals; compiled before.
- {exactly}: the analytic engine, which has a B and a C but no A, from the scenario to the
  same deliverable.
- {pyfair}: as published, with its own sampling and tree ([peer](peers/pyfair_product.py)).
- {typical}: as a backend is likely to have it ([peer](peers/typical.ts)): `number[]`,
  `Math.random`, Box and Muller, Marsaglia's and Tsang's gamma, Knuth's Poisson,
  `sort((a, b) => a - b)`.
- {optimised}: by somebody who cares ([peer](peers/optimised.ts)): typed arrays, sfc32 in
  batches, polar normals, constants worked out once, the numeric sort of `Float64Array`.
- {ziggurat}: the polar normals replaced by the fastest we know in V8. There is no goal
  for it; it is here so that nobody has to wonder.
- {numpy}: whole arrays and `SFC64`, its fastest generator ([peer](peers/plain_numpy.py)).

What they simulate is in [models.py](models.py): A, frequency times magnitude over all seven leaves
of the FAIR tree, each a PERT; B, a compound year, PERT rate, Poisson events, lognormal losses with
a lognormal secondary loss in a quarter of them; D, twenty scenarios like B, joined by a Gaussian
copula ({correlation:g} between any two). For D, NumPy is given the exact annual losses of the
scenarios as tables and reads them with `np.interp`; we compute them, within our time.

## Method
Every contender is a process that stays up, with one thread for arithmetic; it simulates when asked
and says what CPU time the process used meanwhile, garbage collector and compiler threads included
(`process.cpuUsage()`, `time.process_time()`). After two warm-up runs at half the size they are
measured in turn, in {rounds} rounds a piece of work, with other seeds in each; the first of them
changes from round to round. We simulate {in_a_row} times in a row and the median counts, because we
are so short that a single time would mostly measure caches that a peer has just filled. Ratios are
of CPU times, taken within a round, then the median. The machine is shared: wall times suffer from
that, CPU times little. Load average and single runs are in [results.json](results.json).

A ratio is only printed for who computes the same: over all rounds, mean and 95th percentile are
within {far:g} standard errors of the difference to ours. The columns "mean off" and "p95 off" say
how many.

{machine}

After `make setup`, with Node 20 or newer, this measures again, in about five minutes, and writes
this page; `--quick` takes one round of each and writes nothing:

```
.venv/bin/python -m benchmarks.prism
```
"""


def render(results: dict[str, Any]) -> str:
    """Give the page for the results of a run."""
    return _PAGE.format(
        curve=models.CURVE_POINTS,
        trials=models.TRIALS,
        simulations="\n\n".join(_simulations(results, work) for work in WHO),
        goals=_goals(results),
        without_trials=_without_trials(results),
        pieces=_pieces(results["rounds"]),
        exact=_exact(results["exact"]),
        exact_ms=median(results["exact"]["cpu_ms"]),
        large=_large(results["large"]),
        large_rounds=len(results["large"][PRODUCT]["cpu_s"]),
        job=_job(results["job"]),
        **_coverage(json.loads(COVERAGE.read_text("utf-8"))),
        ours=OURS,
        exactly=EXACTLY,
        pyfair=PYFAIR,
        typical=TYPICAL,
        optimised=OPTIMISED,
        ziggurat=ZIGGURAT,
        numpy=NUMPY,
        correlation=models.CORRELATION,
        rounds=1 + max(each["number"] for each in results["rounds"]),
        in_a_row=IN_A_ROW[OURS],
        far=FAR,
        machine="\n".join(f"- {name}: {value}" for name, value in results["machine"].items()),
    )


def _coverage(measured: Mapping[str, Any]) -> dict[str, Any]:
    held = measured["covered_percent"]
    return {
        "coverage_model": measured["model"],
        "coverage_trials": measured["trials"],
        "coverage_seeds": measured["seeds"],
        "coverage_note": measured["note"],
        "coverage": _table(tuple(held), [tuple(f"{each:.1f}" for each in held.values())]),
    }


def _simulations(results: Mapping[str, Any], work: str) -> str:
    titles = {
        PRODUCT: "A: the FAIR tree, all seven leaves",
        COMPOUND: "B: a compound year",
        CORRELATED: f"D: {models.SCENARIOS} correlated scenarios",
    }
    rows = []
    for name in WHO[work]:
        ours = name == OURS
        cpu, wall = (_by_round(results["rounds"], work, name, of) for of in ("cpu_ms", "wall_ms"))
        ratio = None if ours else ratio_of(results, work, name)
        off = {} if ours else results["deviations"][work][name]
        rows.append(
            (
                name,
                _milliseconds(median(cpu.values())),
                _milliseconds(min(cpu.values())),
                _milliseconds(median(wall.values())),
                "1" if ours else _times(ratio),
                *(f"{off[of]:.1f}" if off else "" for of in ("mean", "percentile")),
            )
        )
    head = (titles[work], "CPU, median [ms]", "least", "wall, median", "times ours")
    return _table((*head, "mean off", "p95 off"), rows)


def ratio_of(results: Mapping[str, Any], work: str, name: str) -> float | None:
    """Give how many times our CPU time a peer takes; `None` if it computes something else."""
    if max(results["deviations"][work][name].values()) > FAR:
        return None
    ours = _by_round(results["rounds"], work, OURS, "cpu_ms")
    theirs = _by_round(results["rounds"], work, name, "cpu_ms")
    return float(median(theirs[number] / ours[number] for number in ours))


def _by_round(rounds: Iterable[Round], work: str, name: str, of: str) -> dict[int, float]:
    return {
        each["number"]: median(run[of] for run in each["runs"])
        for each in rounds
        if (each["work"], each["contender"]) == (work, name)
    }


def _without_trials(results: Mapping[str, Any]) -> str:
    rounds = results["rounds"]
    exactly = _by_round(rounds, COMPOUND, EXACTLY, "cpu_ms")
    times = {
        name: median(cpu / exactly[number] for number, cpu in theirs.items())
        for name in (TYPICAL, OPTIMISED, NUMPY)
        if (theirs := _by_round(rounds, COMPOUND, name, "cpu_ms"))
    }
    faster = ", ".join(f"{ratio:.0f}x as fast as {name}" for name, ratio in times.items())
    return (
        "The goals of B are for simulated years. The analytic engine has the same deliverable in\n"
        f"{median(exactly.values()):.1f} ms, exactly: {faster}."
    )


def _pieces(rounds: Iterable[Round]) -> str:
    def taken(work: str, piece: str) -> str:
        return _milliseconds(
            median(
                run["answer"]["pieces_ms"][piece]
                for each in rounds
                if (each["work"], each["contender"]) == (work, OURS)
                for run in each["runs"]
            )
        )

    pieces = ("tables", "years", "answers")
    rows = ((letter, *(taken(work, piece) for piece in pieces)) for work, letter in _LETTER.items())
    return _table(("", *pieces), rows)


def _goals(results: Mapping[str, Any]) -> str:
    rows = []

    def goal(text: str, got: str, met: bool) -> None:
        rows.append((text, got, "met" if met else "missed"))

    for work, most in _GOALS_MS.items():
        taken = median(_by_round(results["rounds"], work, OURS, "cpu_ms").values())
        goal(f"{_LETTER[work]} in {most:.0f} ms", f"{taken:.1f} ms", taken <= most)
        for name, times in _GOAL_RATIOS[work].items():
            ratio = ratio_of(results, work, name)
            met = ratio is not None and ratio >= times
            goal(f"{_LETTER[work]} {times}x as fast as {name}", _times(ratio), met)
    taken, worst = median(results["exact"]["cpu_ms"]), _worst(results["exact"])
    goal(
        f"C in {_GOAL_EXACT_MS:.0f} ms, to {exact.WANTED:.0e}",
        f"{taken:.1f} ms, {worst:.0e}",
        taken <= _GOAL_EXACT_MS and worst <= exact.WANTED,
    )
    for work, large in results["large"].items():
        taken, growth = median(large["cpu_s"]), median(large["peak_growth_mib"])
        goal(
            f"10^8 trials of {_LETTER[work]} in {_GOAL_LARGE_S:.0f} s, {_GOAL_GROWTH_MIB:.0f} MiB",
            f"{taken:.2f} s, {growth:.1f} MiB",
            taken <= _GOAL_LARGE_S and growth <= _GOAL_GROWTH_MIB,
        )
    taken = median(results["job"]["wall_ms"])
    goal(f"a warm job in {_GOAL_JOB_MS:.0f} ms", f"{taken:.0f} ms", taken <= _GOAL_JOB_MS)
    return _table(("goal", "measured", ""), rows)


def _exact(measured: Mapping[str, Any]) -> str:
    at_risk, tail = (measured["errors"][of] for of in ("value_at_risk", "tail_value_at_risk"))
    return _table(
        ("level", "VaR off by", "TVaR off by", f"trials for a VaR to {exact.WANTED:.0e}"),
        (
            (f"{percent:g}%", f"{var:.0e}", f"{tvar:.0e}", f"{trials:.0e}")
            for percent, var, tvar, trials in zip(
                exact.PERCENTS, at_risk, tail, measured["trials_for_wanted"], strict=True
            )
        ),
    )


def _worst(measured: Mapping[str, Any]) -> float:
    return float(max(max(each) for each in measured["errors"].values()))


def _large(measured: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    return _table(
        ("", "CPU [s]", "memory afterwards [MiB]", "at most [MiB]"),
        (
            (
                _LETTER[work],
                f"{median(each['cpu_s']):.2f}",
                f"{median(each['growth_mib']):+.1f}",
                f"{median(each['peak_growth_mib']):+.1f}",
            )
            for work, each in measured.items()
        ),
    )


def _job(measured: Mapping[str, Any]) -> str:
    wall = sorted(measured["wall_ms"])
    return (
        f"F: B by Monte Carlo as a job, {models.TRIALS:,} trials and no pictures, on a fleet with\n"
        "embedded Redis and Postgres and nothing else to do. From submitting to its result\n"
        f"{median(wall):.0f} ms in the median of {len(wall)}, {wall[0]:.0f} to {wall[-1]:.0f} ms."
    )


def _times(ratio: float | None) -> str:
    if ratio is None:
        return "disagrees"
    return f"{ratio:.1f}x" if ratio < 10 else f"{ratio:.0f}x"


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
