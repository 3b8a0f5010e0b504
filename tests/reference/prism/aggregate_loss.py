"""Compute `aggregate_loss.csv`: percentiles of compound Poisson losses, without simulation.

    python tests/reference/prism/aggregate_loss.py > tests/reference/prism/aggregate_loss.csv

Severities are rounded to a grid, and the distribution of the sum is the inverse Fourier transform
of the generating function of the count at the transform of the severity. Exponential tilting keeps
what lies beyond the grid from wrapping around it (Grübel and Hermesmeier, "Computation of compound
distributions I: aliasing errors and exponential tilting", ASTIN Bulletin 29(2), 1999, 197-214).
An uncertain rate is integrated out by Gauss-Jacobi quadrature. Nothing here is the engine's.
Halving the grid's step moves no printed digit but the last by one.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri, roots_jacobi

CELLS = 1 << 22
PERCENTS = (50, 75, 90, 95, 99, 99.5, 99.9)
EXAMPLE = Path(__file__).parents[3] / "examples" / "ransomware.json"


def lognormal(low: float, high: float, step: float) -> np.ndarray:
    """Give the probability of each grid point, the loss rounded to the nearest."""
    mu, sigma = np.log(low * high) / 2, np.log(high / low) / (2 * ndtri(0.95))
    edges = (np.arange(CELLS) + 0.5) * step
    return np.diff(ndtr((np.log(edges) - mu) / sigma), prepend=0.0)


def percentiles(rates: np.ndarray, weights: np.ndarray, *severities: np.ndarray) -> list[int]:
    """Give the grid points of `PERCENTS`; an event costs the sum of independent severities."""
    tilt = np.exp(-20 / CELLS * np.arange(CELLS))
    event = np.prod([np.fft.rfft(severity * tilt) for severity in severities], axis=0)
    year = sum(w * np.exp(rate * (event - 1)) for rate, w in zip(rates, weights, strict=True))
    cumulative = np.cumsum(np.fft.irfft(year, CELLS) / tilt)
    return [int(np.searchsorted(cumulative, percent / 100)) for percent in PERCENTS]


def main() -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["scenario", "percent", "annual_loss"])
    for rate, step in ((1, 0.002), (10, 0.005), (100, 0.02)):
        severity = lognormal(*np.exp(np.array([-2, 2]) * ndtri(0.95)), step)
        for percent, point in zip(
            PERCENTS, percentiles(np.array([rate]), np.ones(1), severity), strict=True
        ):
            rows.writerow([f"poisson {rate}", percent, f"{point * step:.4g}"])

    example = json.loads(EXAMPLE.read_text())["scenario"]
    frequency, primary = example["lossEventFrequencyPerYear"], example["primaryLoss"]
    span = frequency["high"] - frequency["low"]
    toward_mode = 4 * (frequency["mode"] - frequency["low"]) / span
    # PERT is a beta distribution with parameters 1 + toward_mode and 5 - toward_mode.
    nodes, weights = roots_jacobi(20, 4 - toward_mode, toward_mode)
    step, secondary = 100, example["secondaryLoss"]
    added = secondary["probability"] * lognormal(
        secondary["loss"]["low"], secondary["loss"]["high"], step
    )
    added[0] += 1 - secondary["probability"]
    points = percentiles(
        frequency["low"] + span * (nodes + 1) / 2,
        weights / weights.sum(),
        lognormal(primary["low"], primary["high"], step),
        added,
    )
    for percent, point in zip(PERCENTS, points, strict=True):
        rows.writerow(["ransomware", percent, f"{point * step:.5g}"])


if __name__ == "__main__":
    main()
