"""Historical simulation: ranks by hand, conventions by NumPy, weights by their definition."""

from __future__ import annotations

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.loss_quantile import (
    CONVENTIONS,
    Convention,
    quantile,
    weighted_quantile,
)

HUNDRED = np.arange(1.0, 101)


@pytest.mark.parametrize(
    ("count", "percent", "rank"),
    [(100, 95.0, 95), (100, 99.0, 99), (250, 99.0, 248), (1000, 99.9, 999), (2000, 99.9, 1998)],
)
def test_value_at_risk_is_the_order_statistic_of_its_definition(
    count: int, percent: float, rank: int
) -> None:
    """The ceil(n p)-th smallest loss, where 0.999 * 1000 in floating point is above 999."""
    losses = np.random.default_rng(0).permutation(np.arange(1.0, count + 1))

    assert quantile(losses, percent, "inverted_cdf") == rank


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_convention_is_numpys(convention: Convention) -> None:
    """By its name, where the level is no tie of rounding."""
    losses = np.random.default_rng(1).normal(size=73)

    assert quantile(losses, 96.875, convention) == np.quantile(losses, 0.96875, method=convention)


def test_shortfall_is_the_mean_of_the_worst() -> None:
    """Of 1 to 100 at 95%: the mean of 96 to 100; at 97.5% the 98th counts for a half."""
    model = Historical().fit(HUNDRED[:, None])

    assert model.forecast(95).expected_shortfall.value == pytest.approx(98, abs=1e-12)  # type: ignore[union-attr]
    assert model.forecast(97.5).expected_shortfall.value == pytest.approx(  # type: ignore[union-attr]
        (99 + 100 + 0.5 * 98) / 2.5, abs=1e-12
    )


def test_equal_weights_change_nothing() -> None:
    """The weighted quantile of equal weights is `inverted_cdf`, ties of rounding included."""
    weights = np.full(100, 0.01)

    assert [weighted_quantile(HUNDRED, weights, p) for p in (50, 90, 95, 99)] == [50, 90, 95, 99]


def test_age_weights_are_those_of_their_inventors() -> None:
    """decay^(age - 1) (1 - decay) / (1 - decay^n), the latest period of age one."""
    weights = Historical(decay=0.98).fit(HUNDRED[:, None]).weights
    ages = np.arange(100, 0, -1)

    assert weights == pytest.approx(0.98 ** (ages - 1) * 0.02 / (1 - 0.98**100), rel=1e-12)


def test_what_is_recent_weighs_more() -> None:
    """The same losses in the other order are another risk, but only with a decay."""
    rising, falling = HUNDRED[:, None], HUNDRED[::-1, None]
    aged, plain = Historical(decay=0.9), Historical()

    assert aged.fit(rising).forecast(95).value_at_risk.value == 100
    assert aged.fit(falling).forecast(95).value_at_risk.value == 29
    assert plain.fit(rising).forecast(95) == plain.fit(falling).forecast(95)


def test_weights_take_no_other_convention() -> None:
    """A weighted sample has no positions to interpolate between."""
    with pytest.raises(InvalidInput, match="inverted_cdf"):
        Historical(decay=0.9, convention="linear")


@pytest.mark.parametrize(("percent", "needed"), [(95.0, 20), (99.0, 100), (99.9, 1000), (97.5, 40)])
def test_a_level_needs_a_loss_beyond_it(percent: float, needed: int) -> None:
    """One expected; to the period, whatever floating point makes of 1 - 0.999."""
    assert Historical().shortest(percent) == needed


def test_few_losses_beyond_have_no_standard_error() -> None:
    """Nine say too little of their own spread; ten are the choice."""
    errors = [
        Historical().fit(HUNDRED[:, None]).forecast(percent).expected_shortfall.standard_error  # type: ignore[union-attr]
        for percent in (91.0, 90.0)
    ]

    assert errors[0] is None
    assert errors[1] is not None


def test_a_constant_loss_is_its_own_risk() -> None:
    """Nothing is fitted, so nothing is refused."""
    forecast = Historical().fit(np.full((100, 1), 3.0)).forecast(99)

    assert (forecast.value_at_risk.value, forecast.expected_shortfall.value) == (3.0, 3.0)  # type: ignore[union-attr]
