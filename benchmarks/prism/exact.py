"""How exact the analytic engine is, and how many trials would be needed instead.

What it is held against is computed here anew, and differently: on one fine lattice, with each
severity rounded to the nearest point, exponential tilting against wrap-around, and a power series
in place of an adaptive choice of lattices.

Source: Gruebel and Hermesmeier, "Computation of compound distributions I: aliasing errors and
exponential tilting", ASTIN Bulletin 29 (1999), pp. 197-214.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, roots_jacobi

from benchmarks.prism.models import for_peers

Floats = NDArray[np.float64]

PERCENTS = (95.0, 99.0, 99.5, 99.9)
WANTED = 1e-5

_CELLS = 1 << 21
_SPAN = 1e9
_STEP = _SPAN / _CELLS
_TILT = 15.0
_MOST_EVENTS = 60
_RATES = 40


@dataclass(frozen=True, kw_only=True)
class Reference:
    """B at one of `PERCENTS`."""

    value_at_risk: float
    tail_value_at_risk: float
    trials_for_wanted: float
    """Trials whose 95th, 99th, ... percentile has a relative standard error of `WANTED`."""


def reference() -> dict[float, Reference]:
    """Give B's value at risk and tail value at risk, to some 1e-8."""
    model = for_peers()["compound"]
    masses = _year(model)
    points = _STEP * np.arange(_CELLS)
    below = np.cumsum(masses)
    mean = _mean(model)
    found = {}
    for percent in PERCENTS:
        p = percent / 100
        at = int(np.searchsorted(below, p))
        # A point stands for the cell around it.
        value = points[at] + _STEP * ((p - below[at - 1]) / masses[at] - 0.5)
        limited = float(masses[: at + 1] @ points[: at + 1]) + value * (1 - below[at])
        # Of the last cell, what lies above the value counts as the value.
        over = below[at] - p
        limited -= over * (points[at] + _STEP / 2 - over / masses[at] * _STEP / 2 - value)
        density = masses[at] / _STEP
        found[percent] = Reference(
            value_at_risk=float(value),
            tail_value_at_risk=float(value + (mean - limited) / (1 - p)),
            trials_for_wanted=float(p * (1 - p) / (density * value * WANTED) ** 2),
        )
    return found


def errors(
    given: Mapping[str, list[float]], expected: Mapping[float, Reference]
) -> dict[str, list[float]]:
    """Give the relative errors of the engine's values, in the order of `PERCENTS`."""
    return {
        name: [
            abs(float(value) / getattr(expected[percent], name) - 1)
            for percent, value in zip(PERCENTS, given[name], strict=True)
        ]
        for name in ("value_at_risk", "tail_value_at_risk")
    }


def _mean(model: Mapping[str, Any]) -> float:
    rate = model["eventsPerYear"]
    share = rate["alpha"] / (rate["alpha"] + rate["beta"])
    events = rate["low"] + (rate["high"] - rate["low"]) * share
    primary, secondary = (
        math.exp(model[name]["mu"] + model[name]["sigma"] ** 2 / 2)
        for name in ("primaryLoss", "secondaryLoss")
    )
    return float(events * (primary + model["secondaryProbability"] * secondary))


def _year(model: Mapping[str, Any]) -> Floats:
    tilt = np.exp(-_TILT / _CELLS * np.arange(_CELLS))
    primary = np.fft.rfft(_lognormal(model["primaryLoss"]) * tilt, 2 * _CELLS)
    secondary = np.fft.rfft(_lognormal(model["secondaryLoss"]) * tilt, 2 * _CELLS)
    share = model["secondaryProbability"]
    event = primary * (1 - share + share * secondary)
    counts = _counts(model["eventsPerYear"])
    year = np.full_like(event, counts[-1])
    for probability in counts[-2::-1]:
        year *= event
        year += probability
    return np.asarray(np.fft.irfft(year)[:_CELLS] / tilt)


def _lognormal(loss: Mapping[str, float]) -> Floats:
    with np.errstate(divide="ignore"):
        edges = np.log(_STEP * np.maximum(np.arange(_CELLS + 1) - 0.5, 0.0))
    return np.diff(ndtr((edges - loss["mu"]) / loss["sigma"]))


def _counts(rate: Mapping[str, float]) -> Floats:
    """Give the probabilities of 0, 1, ... events at a rate with a beta distribution."""
    nodes, weights = roots_jacobi(_RATES, rate["beta"] - 1, rate["alpha"] - 1)
    rates = rate["low"] + (rate["high"] - rate["low"]) * (nodes + 1) / 2
    n = np.arange(_MOST_EVENTS)[:, None]
    return np.asarray(
        np.exp(n * np.log(rates) - rates - gammaln(n + 1)) @ (weights / math.fsum(weights))
    )
