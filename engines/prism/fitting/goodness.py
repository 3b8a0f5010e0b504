"""How far a fitted distribution lies from the data, and how often chance alone lies further.

The printed tables of these statistics hold for parameters that were known beforehand. Here they
are estimated from the same data, which brings the curve nearer, so the p-values are found by a
parametric bootstrap: samples of the fitted distribution are fitted in turn. Source: Stute,
Gonzales Manteiga and Presedo Quindimil, "Bootstrap based goodness-of-fit-tests", Metrika 40, 1993.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.prism.distributions import Distribution, Floats
from engines.prism.fitting.likelihood import LikelihoodFit

Statistics = Callable[[Distribution, Floats], tuple[float, ...]]
"""(distribution, ascending values) -> how far they lie from it, in one or more measures."""

_SMALLEST: Final = 1e-300
"""Instead of a probability of 0 in a logarithm."""
_LEAST_EXPECTED: Final = 5.0
"""Values a cell, the usual rule for a chi-square statistic (Loss Models, 4th ed., 16.4.3)."""


@dataclass(frozen=True, kw_only=True)
class Distance:
    """A statistic, and the share of samples of the fitted distribution that have as large a one."""

    statistic: float
    p_value: float | None
    """(1 + as large) / (1 + samples), which is never 0; None without a bootstrap."""


def distances(distribution: Distribution, ascending: Floats) -> tuple[float, float]:
    """Give Kolmogorov and Smirnov's D and Anderson and Darling's A^2 of continuous values.

    D is the largest gap between the two distribution functions; A^2 weighs both tails more.
    Source of A^2: Anderson and Darling, Journal of the American Statistical Association 49, 1954.
    """
    below, above = distribution.cdf(ascending), distribution.survival(ascending)
    size = ascending.size
    steps = np.arange(size + 1) / size
    gap = max((steps[1:] - below).max(), (below - steps[:-1]).max())
    logs = np.log(np.maximum(below, _SMALLEST)) + np.log(np.maximum(above[::-1], _SMALLEST))
    return float(gap), float(-size - ((2 * np.arange(1, size + 1) - 1) * logs).sum() / size)


def chi_square_cells(distribution: Distribution, counts: Floats) -> Floats:
    """Give the last count of each cell but the last, cells of at least five expected values.

    By quantiles, so that counts may be as large as they like.
    """
    most, least = float(counts.max()), _LEAST_EXPECTED / counts.size
    edges: list[float] = []
    below = 0.0
    while below + 2 * least <= 1:
        edge = float(distribution.quantile(np.array(below + least)))
        reached = float(distribution.cdf(np.array(edge)))
        if edge > most or reached <= below or 1 - reached < least:
            break
        edges.append(edge)
        below = reached
    return np.array(edges)


def chi_square(distribution: Distribution, counts: Floats, edges: Floats) -> float:
    """Give Pearson's statistic over the cells that end at `edges`, and the one beyond."""
    below = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    expected = np.diff(below) * counts.size
    observed = np.bincount(np.searchsorted(edges, counts), minlength=edges.size + 1)
    return float(((observed - expected) ** 2 / np.maximum(expected, _SMALLEST)).sum())


def bootstrapped(
    fit: LikelihoodFit,
    values: Floats,
    statistics: Statistics,
    *,
    samples: int,
    uniforms: Callable[[int], Floats],
    pulse: Callable[[int], None],
) -> tuple[Distance, ...]:
    """Give each statistic of the values with its p-value.

    `uniforms` gives as many numbers in (0, 1) as there are values for the n-th sample, and `pulse`
    is called before it. `statistics` takes ascending values.
    """
    observed = np.array(statistics(fit.distribution, np.sort(values)))
    larger = np.zeros(observed.size, dtype=np.int64)
    for sample in range(samples):
        pulse(sample)
        drawn = np.sort(fit.distribution.quantile(uniforms(sample)))
        again = fit.model.make(*fit.model.estimate(drawn))
        larger += np.array(statistics(again, drawn)) >= observed
    return tuple(
        Distance(statistic=value, p_value=(1 + more) / (1 + samples) if samples else None)
        for value, more in zip(observed.tolist(), larger.tolist(), strict=True)
    )
