"""Generalised Pareto tails: exact ones give themselves back, fitted ones beat a peer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from engines.errors import InvalidInput
from engines.prism.market_risk.peaks_over_threshold import (
    ParetoTail,
    PeaksOverThreshold,
    fit_generalised_pareto,
)


@pytest.mark.parametrize("shape", [-0.3, -1e-9, 0.0, 1e-9, 0.2, 0.8])
def test_risk_is_that_of_the_tail_it_is_given(shape: float) -> None:
    """VaR is exceeded with probability 1 - p, and ES is the mean of the quantiles beyond."""
    tail = ParetoTail(threshold=2.0, shape=shape, scale=1.5, excesses=100, count=1000)
    forecast = tail.forecast(99)
    value = forecast.value_at_risk.value

    assert 0.1 * stats.genpareto.sf(value - 2, shape, scale=1.5) == pytest.approx(0.01, rel=1e-8)
    law = stats.genpareto(shape, loc=2, scale=1.5)
    # The level's own tail in steps that shrink towards its end, where the losses grow.
    mean, _ = quad(lambda v: law.isf(0.1 * v**10) * 10 * v**9, 0, 1)
    assert forecast.expected_shortfall is not None
    assert forecast.expected_shortfall.value == pytest.approx(mean, rel=1e-7)


def test_at_shape_zero_it_is_exponential() -> None:
    """u + scale ln(ratio), and ES one scale further."""
    forecast = ParetoTail(1.0, 0.0, 2.0, 50, 500).forecast(99)

    assert forecast.value_at_risk.value == pytest.approx(1 + 2 * math.log(10), rel=1e-12)
    assert forecast.expected_shortfall.value == pytest.approx(3 + 2 * math.log(10), rel=1e-12)  # type: ignore[union-attr]


@pytest.mark.parametrize("shape", [-0.4, -0.1, 0.0, 0.3, 1.5])
@pytest.mark.parametrize("size", [30, 500])
def test_the_likelihood_is_at_its_highest(shape: float, size: int) -> None:
    """At least as high as scipy's fit from the true values, unless that left the allowed shapes."""
    excesses = stats.genpareto.rvs(shape, scale=3, size=size, random_state=size)
    ours = fit_generalised_pareto(excesses)
    peer_shape, _, peer_scale = stats.genpareto.fit(excesses, shape, floc=0, scale=3)

    likelihood = stats.genpareto.logpdf(excesses, ours[0], scale=ours[1]).sum()
    peers = stats.genpareto.logpdf(excesses, peer_shape, scale=peer_scale).sum()
    assert ours[0] >= -0.5
    assert likelihood >= peers - 1e-7 or peer_shape < -0.5


def test_standard_errors_are_slopes_of_the_formulas() -> None:
    """The delta method by numerical derivatives of VaR and ES in shape, scale and share."""

    def figures(shape: float, scale: float, share: float) -> np.ndarray:
        forecast = ParetoTail(2.0, shape, scale, round(share * 10**9), 10**9).forecast(99)
        assert forecast.expected_shortfall is not None
        return np.array([forecast.value_at_risk.value, forecast.expected_shortfall.value])

    at, k, n = np.array([0.2, 1.5, 0.1]), 100, 1000
    steps = np.diag([1e-5, 1e-5, 1e-6])
    slopes = np.array([(figures(*(at + s)) - figures(*(at - s))) / (2 * s.sum()) for s in steps])
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = np.array([[1.2**2, -1.5 * 1.2], [-1.5 * 1.2, 2 * 1.5**2 * 1.2]]) / k
    covariance[2, 2] = 0.1 * 0.9 / n
    expected = np.sqrt(np.diag(slopes.T @ covariance @ slopes))

    forecast = ParetoTail(2.0, 0.2, 1.5, k, n).forecast(99)
    assert forecast.value_at_risk.standard_error == pytest.approx(expected[0], rel=1e-5)
    assert forecast.expected_shortfall.standard_error == pytest.approx(expected[1], rel=1e-5)  # type: ignore[union-attr]


def test_the_threshold_leaves_the_share_beyond() -> None:
    """Of 1 to 1000 at a tenth: 900, and the hundred above it."""
    losses = np.random.default_rng(1).permutation(np.arange(1.0, 1001))
    model = PeaksOverThreshold().fit(losses[:, None])

    assert (model.threshold, model.excesses, model.count) == (900.0, 100, 1000)


def test_a_tail_without_a_mean_has_no_shortfall() -> None:
    """From a shape of one on, with the caution that says so; VaR it has."""
    tail = ParetoTail(1.0, 1.2, 1.0, 100, 1000)

    assert tail.forecast(99).expected_shortfall is None
    assert tail.forecast(99).value_at_risk.value > 1
    assert tail.cautions == ("infiniteShortfall",)


def test_a_tail_that_ends_abruptly_is_at_the_bound() -> None:
    """Uniform losses have shape -1, where the likelihood has no regular maximum."""
    losses = np.linspace(0, 1, 1000)

    assert PeaksOverThreshold().fit(losses[:, None]).cautions == ("tailAtBound",)


def test_what_has_no_tail_is_refused() -> None:
    """Ties at the threshold, a level below it, and a share that is none."""
    ties = np.concatenate([np.arange(900.0), np.full(100, 899.0)])
    with pytest.raises(InvalidInput, match="at least 30 losses beyond the threshold, received 0"):
        PeaksOverThreshold().fit(ties[:, None])
    with pytest.raises(InvalidInput, match="level: expected more than 90"):
        PeaksOverThreshold().shortest(90)
    with pytest.raises(InvalidInput, match="exceedances"):
        PeaksOverThreshold(exceedances=0.6)
