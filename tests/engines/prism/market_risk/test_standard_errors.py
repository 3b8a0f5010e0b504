"""The standard error that is printed is the spread that estimates have over many samples."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from engines.prism.market_risk.forecast import Method
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.normal import Normal
from engines.prism.market_risk.peaks_over_threshold import PeaksOverThreshold
from engines.prism.market_risk.student_t import StudentT

SAMPLES, PERIODS = 500, 2000
Draw = Callable[[np.random.Generator], np.ndarray]


@pytest.mark.parametrize(
    ("method", "draw"),
    [
        (Normal(), lambda random: random.normal(0.1, 2, (SAMPLES, PERIODS))),
        (StudentT(), lambda random: random.standard_t(5, (SAMPLES, PERIODS))),
        (PeaksOverThreshold(), lambda random: random.pareto(5, (SAMPLES, PERIODS))),
        (Historical(), lambda random: random.normal(0, 1, (SAMPLES, PERIODS))),
    ],
    ids=["normal", "student t", "peaks over threshold", "historical"],
)
def test_standard_errors_are_the_spread(method: Method, draw: Draw) -> None:
    """Over 500 samples of 2000: a spread is known to 1/sqrt(2 * 500), five times that allowed.

    The formulas hold for large samples; a tenth is allowed for the tail's 50 losses.
    """
    forecasts = [
        method.fit(losses[:, None]).forecast(97.5) for losses in draw(np.random.default_rng(11))
    ]

    for measure in ("value_at_risk", "expected_shortfall"):
        estimates = [getattr(forecast, measure) for forecast in forecasts]
        if estimates[0].standard_error is None:
            continue
        spread = np.std([estimate.value for estimate in estimates])
        said = np.sqrt(np.mean([estimate.standard_error**2 for estimate in estimates]))
        assert said == pytest.approx(spread, rel=5 / math.sqrt(2 * SAMPLES) + 0.1), measure


def test_the_historical_interval_covers_the_true_quantile() -> None:
    """At least 95 times in 100, within five standard errors of the count."""
    losses = np.random.default_rng(5).random((1000, 400, 1))
    estimates = [Historical().fit(sample).forecast(95).value_at_risk for sample in losses]

    covered = np.mean([e.lower <= 0.95 <= e.upper for e in estimates])  # type: ignore[operator]
    assert 0.95 - 5 * math.sqrt(0.95 * 0.05 / 1000) <= covered <= 0.99
