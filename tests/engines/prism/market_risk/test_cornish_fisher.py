"""The Cornish-Fisher expansion near a printed quantile, and the edge of its domain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from engines.errors import InvalidInput
from engines.prism.market_risk.cornish_fisher import BentNormalLoss, CornishFisher


@pytest.mark.parametrize(("freedom", "printed"), [(30, 50.892), (100, 135.807)])
def test_a_chi_square_quantile_is_met_closely(freedom: int, printed: float) -> None:
    """The 99% points of the chi-square table, from four moments: to 4 in 10,000."""
    model = BentNormalLoss(freedom, math.sqrt(2 * freedom), math.sqrt(8 / freedom), 12 / freedom)

    assert printed == pytest.approx(model.forecast(99).value_at_risk.value, rel=4e-4)


@given(st.floats(-0.8, 0.8), st.floats(0.5, 5), st.floats(60, 99.5))
@settings(max_examples=30, deadline=None)
def test_shortfall_is_the_mean_of_the_quantiles_beyond(
    skewness: float, kurtosis: float, percent: float
) -> None:
    """By quadrature over the level."""
    model = BentNormalLoss(0.2, 1.5, skewness, kurtosis)
    area, _ = quad(lambda p: model.forecast(100 * p).value_at_risk.value, percent / 100, 1)

    shortfall = model.forecast(percent).expected_shortfall
    assert shortfall is not None
    assert shortfall.value == pytest.approx(area / (1 - percent / 100), rel=1e-6)


@given(st.floats(-3, 3), st.floats(-2, 12))
@settings(max_examples=200, deadline=None)
def test_monotone_is_what_the_slope_says(skewness: float, kurtosis: float) -> None:
    """The expansion's differences are nowhere negative just where the closed form says so."""
    z = np.linspace(-6, 6, 4001)
    bent = (
        z
        + (z**2 - 1) * skewness / 6
        + (z**3 - 3 * z) * kurtosis / 24
        - (2 * z**3 - 5 * z) * skewness**2 / 36
    )

    steepest_fall = np.diff(bent).min() / (z[1] - z[0])
    if abs(steepest_fall) > 0.02:  # at the edge itself the grid cannot tell
        assert (steepest_fall > 0) == BentNormalLoss(0, 1, skewness, kurtosis).monotone


@pytest.mark.parametrize(
    ("kurtosis", "inside"), [(-0.2, True), (0.0, True), (7.9, True), (8.1, False)]
)
def test_the_domain_without_skewness(kurtosis: float, inside: bool) -> None:
    """Up to an excess kurtosis of 8, as Maillard has it; a little below zero, unlike his."""
    assert BentNormalLoss(0, 1, 0, kurtosis).monotone == inside


def test_without_skewness_and_kurtosis_it_is_normal() -> None:
    """The expansion's first term: 2.326 and 2.665 at 99%."""
    forecast = BentNormalLoss(0, 1, 0, 0).forecast(99)

    assert forecast.value_at_risk.value == pytest.approx(2.3263, abs=5e-5)
    assert forecast.expected_shortfall.value == pytest.approx(2.6652, abs=5e-5)  # type: ignore[union-attr]


def test_outside_the_domain_it_is_refused_or_flagged() -> None:
    """As the caller chose: two losses among two hundred have a kurtosis of nearly a hundred."""
    losses = np.zeros((200, 1))
    losses[0], losses[1] = 10, -10

    with pytest.raises(InvalidInput, match="excess kurtosis 97"):
        CornishFisher().fit(losses)
    assert CornishFisher(outside_domain="flag").fit(losses).cautions == ("notMonotone",)
