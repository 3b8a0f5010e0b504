"""One short round of a piece of work: each contender does it in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.fleet import machine
from benchmarks.prism.contender import (
    EXACTLY,
    NUMPY,
    OPTIMISED,
    OURS,
    PYFAIR,
    TYPICAL,
    ZIGGURAT,
    Contender,
    Measured,
)
from benchmarks.prism.models import TRIALS

PRODUCT, COMPOUND, CORRELATED = "product", "compound", "correlated"

WHO = {
    PRODUCT: (OURS, PYFAIR, TYPICAL, OPTIMISED, ZIGGURAT, NUMPY),
    COMPOUND: (OURS, EXACTLY, TYPICAL, OPTIMISED, ZIGGURAT, NUMPY),
    CORRELATED: (OURS, NUMPY),
}
"""Every piece of work, and who does it: pyfair has no single events."""

IN_A_ROW = {OURS: 5, EXACTLY: 5}
"""How often who answers in a round, if not once. We are so short that a single time would mostly
measure caches that a peer has just filled."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """What a contender did in a round."""

    work: str
    number: int
    contender: str
    load_average: float
    """When it began."""
    runs: list[Measured]


def warm_up(contenders: Mapping[str, Contender]) -> None:
    """Let compilers see the code and memory come from the system, at half the size."""
    for work, names in WHO.items():
        for name in names:
            for seed in range(2):
                contenders[name].ask(work, trials=TRIALS // 2, seed=seed)


def measure(work: str, number: int, contenders: Mapping[str, Contender]) -> list[Round]:
    """Measure one round, the first contender changing from round to round."""
    names = WHO[work]
    first = number % len(names)
    return [_measure(work, number, contenders[name]) for name in (*names[first:], *names[:first])]


def _measure(work: str, number: int, contender: Contender) -> Round:
    runs = IN_A_ROW.get(contender.name, 1)
    return Round(
        work=work,
        number=number,
        contender=contender.name,
        load_average=machine.load_average(),
        runs=[
            contender.ask(work, trials=TRIALS, seed=1 + number * runs + run) for run in range(runs)
        ],
    )
