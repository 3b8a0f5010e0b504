"""Tests of ES: by hand, at their expectation, and powerful where they should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.market_risk.normal import NormalLoss
from engines.prism.market_risk.shortfall_tests import (
    ShortfallTest,
    check_shortfalls,
    shortfall_test,
)
from engines.progress import unreported

FORECAST = NormalLoss(0.0, 1.0, None).forecast(97.5)
assert FORECAST.expected_shortfall is not None
VALUE, SHORTFALL = FORECAST.value_at_risk.value, FORECAST.expected_shortfall.value


def judged(losses: np.ndarray, shortfall: float = SHORTFALL, seed: int = 1) -> ShortfallTest:
    count = losses.size
    return shortfall_test(
        losses, np.full(count, VALUE), [shortfall] * count, 0.025, seed=seed, progress=unreported
    )


def p_value(losses: np.ndarray, shortfall: float = SHORTFALL) -> float:
    found = judged(losses, shortfall).p_value
    assert found is not None
    return found


def test_z2_is_its_definition() -> None:
    """Two breaches of 3 and 4 in 100 periods, an ES of 2.5: 1 - (7 / 2.5) / 2.5."""
    losses = np.zeros(100)
    losses[[10, 50]] = 3, 4
    result = shortfall_test(
        losses, np.full(100, 2.0), [2.5] * 100, 0.025, seed=1, progress=unreported
    )

    assert result.z2 == pytest.approx(1 - 2.8 / 2.5, rel=1e-12)
    assert result.mean_residual == pytest.approx((0.2 + 0.6) / 2, rel=1e-12)


def test_a_right_forecast_is_expected_to_score_zero() -> None:
    """Over 2000 right years: the mean of Z2, within five standard errors."""
    years = np.random.default_rng(1).normal(size=(2000, 250))
    beyond = np.where(years > VALUE, years, 0).sum(axis=1)
    scores = [1 - each / SHORTFALL / (250 * 0.025) for each in beyond]
    spots = [judged(year).z2 for year in years[:50]]

    assert spots == pytest.approx(scores[:50], rel=1e-9)
    assert np.mean(scores) == pytest.approx(0, abs=5 * np.std(scores) / math.sqrt(2000))


def test_p_values_of_right_forecasts_are_spread_evenly() -> None:
    """Over 150 right samples of 2000 periods a twentieth lies below 5%, give or take.

    Five standard errors, and two points for a bootstrap of some fifty breaches.
    """
    samples = np.random.default_rng(2).normal(size=(150, 2000))
    rejected = np.mean([p_value(sample) < 0.05 for sample in samples])

    assert rejected == pytest.approx(0.05, abs=5 * math.sqrt(0.05 * 0.95 / 150) + 0.02)


def test_a_shortfall_too_small_is_found() -> None:
    """Fat-tailed losses against a normal ES: a small p value and a negative Z2."""
    losses = np.random.default_rng(3).standard_t(3, 2000)

    assert p_value(losses) < 0.001
    assert judged(losses).z2 < -0.7


def test_a_shortfall_too_large_is_not_called_too_small() -> None:
    """The test has one side."""
    assert p_value(np.random.default_rng(4).normal(size=2000), 1.5 * SHORTFALL) > 0.999


def test_the_seed_is_the_resampling() -> None:
    """The same seed gives the same p value."""
    losses = np.random.default_rng(5).normal(size=1000)

    assert judged(losses) == judged(losses)
    assert judged(losses).p_value != judged(losses, seed=2).p_value


@pytest.mark.parametrize("breaches", [0, 1])
def test_with_fewer_than_two_breaches_there_is_only_z2(breaches: int) -> None:
    """One residual has no spread."""
    losses = np.zeros(100)
    losses[:breaches] = 5.0
    result = judged(losses)

    assert (result.mean_residual, result.p_value) == (None, None)
    assert result.z2 == pytest.approx(1 - breaches * 5 / SHORTFALL / 2.5, rel=1e-12)


def test_a_long_resampling_can_be_stopped() -> None:
    """Of ten thousand breaches: it is asked every million draws."""
    told: list[float] = []

    def stop(fraction: float, message: str = "") -> None:
        told.append(fraction)
        if len(told) == 3:
            raise Stopped

    losses = 2 + np.random.default_rng(6).random(10_000)
    with pytest.raises(Stopped):
        shortfall_test(losses, np.ones(10_000), [2.5] * 10_000, 0.5, seed=1, progress=stop)
    assert told == [0.0, 0.01, 0.02]


def test_equal_residuals_have_no_p_value() -> None:
    """A t statistic would divide by nothing."""
    losses = np.zeros(100)
    losses[:3] = 4.0

    assert judged(losses, 2.0).mean_residual == 1.0
    assert judged(losses, 2.0).p_value is None


def test_residuals_that_differ_by_rounding_are_equal() -> None:
    """Seven losses of 5 beyond a shortfall of 3, whose mean is off in the last digit."""
    losses = np.zeros(250)
    losses[:7] = 5.0

    assert judged(losses, 3.0).mean_residual == pytest.approx(2 / 3)
    assert judged(losses, 3.0).p_value is None


def test_a_shortfall_is_positive_and_beyond_value_at_risk() -> None:
    """Or it is none, and most often its sign is wrong."""
    value = np.array([1.0, 2.0])
    with pytest.raises(InvalidInput, match="expected positive losses, received -2"):
        check_shortfalls(value, np.array([1.0, -2.0]))
    with pytest.raises(InvalidInput, match=r"at least the value at risk, 2\.0"):
        check_shortfalls(value, np.array([1.0, 1.9]))
