"""Whether losses beyond VaR are as large as the expected shortfall said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import Vector
from engines.progress import Progress

RESAMPLES = 10_000
Z2_CRITICAL = -0.70
"""Acerbi and Szekely's at 5% significance for 97.5% ES and 250 days, nearly the same for all
tails they tried; for other lengths and levels it is an indication only."""


@dataclass(frozen=True, kw_only=True)
class ShortfallTest:
    """Two views of the breaches; `None` where there are too few."""

    z2: float
    """Acerbi and Szekely's statistic: 0 expected of a right ES, below it of one too small."""
    mean_residual: float | None
    """Of (loss - ES) / ES over the breaches: 0 expected, above it of an ES too small."""
    p_value: float | None
    """Of a mean residual as large, by resampling: small where ES is too small."""


def check_shortfalls(values: Vector, shortfalls: Vector) -> None:
    """Refuse forecasts of ES that are not positive, or smaller than those of VaR."""
    if (shortfalls <= 0).any():
        raise InvalidInput(
            "expectedShortfall", expected="positive losses", received=float(shortfalls.min())
        )
    if (shortfalls < values).any():
        at = int(np.argmax(values - shortfalls))
        raise InvalidInput(
            "expectedShortfall",
            expected=f"at least the value at risk, {float(values[at])}, of the same period",
            received=float(shortfalls[at]),
        )


def shortfall_test(
    losses: Vector,
    values: Vector,
    shortfalls: Sequence[float],
    probability: float,
    *,
    seed: int,
    progress: Progress,
) -> ShortfallTest:
    """Test forecasts of ES against the losses that came, all positive losses.

    Z2 = 1 - sum(loss over breaches / ES) / (T (1 - p)): Acerbi and Szekely, "Backtesting expected
    shortfall", Risk, December 2014, test 2. The one-sided bootstrap of the exceedance residuals:
    McNeil and Frey, Journal of Empirical Finance 7(3-4), 2000, section 4.3, here standardised by
    ES, which needs no model of the volatility.
    """
    breached = losses > values
    ratios = losses[breached] / np.asarray(shortfalls)[breached]
    z2 = 1 - float(ratios.sum()) / (losses.size * probability)
    residuals = ratios - 1
    if residuals.size < 2:
        return ShortfallTest(z2=z2, mean_residual=None, p_value=None)

    mean = float(residuals.mean())
    if np.ptp(residuals) <= 1e-12 * np.abs(ratios).max():  # equal but for rounding
        return ShortfallTest(z2=z2, mean_residual=mean, p_value=None)
    return ShortfallTest(z2=z2, mean_residual=mean, p_value=_upper_tail(residuals, seed, progress))


def _upper_tail(residuals: Vector, seed: int, progress: Progress) -> float:
    """Give the share of resampled t statistics, under a mean of zero, at least the sample's.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (Chapman and Hall 1993),
    section 16.4; the sample itself counts as one, so that the share is never zero.
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    root = residuals.size**0.5
    observed = root * residuals.mean() / residuals.std(ddof=1)
    centred = residuals - residuals.mean()
    as_large = 0
    rows = max(1, 1_000_000 // residuals.size)
    for first in range(0, RESAMPLES, rows):
        progress(first / RESAMPLES, "resampling")
        shape = (min(rows, RESAMPLES - first), residuals.size)
        drawn = centred[generator.integers(0, residuals.size, shape)]
        with np.errstate(divide="ignore", invalid="ignore"):
            statistics = root * drawn.mean(axis=1) / drawn.std(axis=1, ddof=1)
        as_large += int(np.count_nonzero(statistics >= observed))
    return (1 + as_large) / (1 + RESAMPLES)
