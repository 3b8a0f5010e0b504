"""Whether everybody computed the same thing: a speed is worth nothing otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.prism.contender import OURS
from benchmarks.prism.models import PERCENTS, TRIALS
from benchmarks.prism.rounds import PRODUCT, Round

FAR = 5.0
"""Standard errors; two that agree are further apart once in two million times."""

_PERCENT = 95.0
_AROUND = 0.01


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value and its standard error, over all trials of all rounds."""

    value: float
    error: float

    def deviation(self, other: Estimate) -> float:
        """Give how far apart the two are, in standard errors of the difference."""
        return abs(self.value - other.value) / math.hypot(self.error, other.error)


def deviations(rounds: Sequence[Round], *, vulnerability: float) -> dict[str, dict[str, float]]:
    """Give how far each peer is from us, by its name: of the mean, and of the 95th percentile.

    In A everybody but us estimates the `vulnerability` by a share of successes, whose error moves
    every loss of a run.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for each in rounds:
        by_name.setdefault(each.contender, []).extend(run.answer for run in each.runs)
    (work,) = {each.work for each in rounds}
    shared = (1 - vulnerability) / vulnerability if work == PRODUCT else 0.0
    our_mean, our_percentile = _estimates(by_name.pop(OURS), shared=0.0)
    found = {}
    for name, answers in by_name.items():
        mean, percentile = _estimates(answers, shared=shared)
        found[name] = {
            "mean": mean.deviation(our_mean),
            "percentile": percentile.deviation(our_percentile),
        }
    return found


def _estimates(answers: Sequence[dict[str, Any]], *, shared: float) -> tuple[Estimate, Estimate]:
    """Give the mean and the 95th percentile; `shared` is the relative variance, times trials, of a
    factor that all losses of a run have in common.

    Source of a percentile's error, sqrt(p (1 - p) / n) over the density: David and Nagaraja, Order
    Statistics (3rd ed., Wiley 2003), section 10.2.
    """
    trials = TRIALS * len(answers)
    mean = fmean(each["mean"] for each in answers)
    deviation = fmean(each["deviation"] for each in answers)
    at = PERCENTS.index(_PERCENT)
    percentile = fmean(each["percentiles"][at] for each in answers)
    share = _PERCENT / 100
    steepness = fmean(_steepness(each["curve"], 1 - share) for each in answers)
    return (
        Estimate(value=mean, error=math.sqrt((deviation**2 + mean**2 * shared) / trials)),
        Estimate(
            value=percentile,
            error=math.sqrt((share * (1 - share) * steepness**2 + percentile**2 * shared) / trials),
        ),
    )


def _steepness(curve: Sequence[dict[str, float]], probability: float) -> float:
    """Give by how much the loss grows for a probability of exceedance that shrinks."""
    at = [point["probability"] for point in reversed(curve)]
    losses = [point["loss"] for point in reversed(curve)]
    rarer, commoner = np.interp([probability - _AROUND, probability + _AROUND], at, losses)
    return float(rarer - commoner) / (2 * _AROUND)
