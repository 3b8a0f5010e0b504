"""GARCH-filtered historical simulation beside the library that fits it."""

from __future__ import annotations

import numpy as np
import pytest
from arch import arch_model

from engines.errors import InvalidInput
from engines.prism.market_risk.filtered_historical import FilteredHistorical, GarchLosses


def garch(count: int, seed: int = 1) -> np.ndarray:
    """Losses with the volatility of a daily share index, in per cent."""
    random = np.random.default_rng(seed)
    losses, variance = np.empty(count), 1.0
    for at in range(count):
        losses[at] = np.sqrt(variance) * random.normal()
        variance = 0.03 + 0.1 * losses[at] ** 2 + 0.87 * variance
    return losses


@pytest.fixture(scope="module")
def model() -> GarchLosses:
    return FilteredHistorical().fit(0.01 * garch(1500)[:, None])


def test_volatilities_and_their_forecast_are_archs(model: GarchLosses) -> None:
    """With the same parameters: the filter here and the library's differ by rounding."""
    peer = arch_model(100 * model.losses, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    fixed = peer.fix([100 * model.mean, 1e4 * model.omega, model.alpha, model.beta])
    ahead = np.sqrt(fixed.forecast(horizon=1).variance.to_numpy()[-1])

    # The library starts its recursion from residuals of the fixed mean, not of the sample's.
    assert 100 * model.volatilities[50:-1] == pytest.approx(
        fixed.conditional_volatility[50:], rel=1e-4
    )
    assert 100 * model.volatilities[-1:] == pytest.approx(ahead, rel=1e-6)


def test_the_parameters_are_found_again(model: GarchLosses) -> None:
    """Of 1500 simulated periods: within some three standard errors of such a fit."""
    assert model.alpha == pytest.approx(0.1, abs=0.06)
    assert model.beta == pytest.approx(0.87, abs=0.09)
    assert model.cautions == ()


def test_risk_is_that_of_the_shocks_at_tomorrows_volatility(model: GarchLosses) -> None:
    """mean + sigma times the empirical quantile of the standardised losses."""
    shocks = np.sort((model.losses - model.mean) / model.volatilities[:-1])
    expected = model.mean + model.volatilities[-1] * shocks[1484]

    assert model.forecast(99).value_at_risk.value == pytest.approx(expected, rel=1e-12)


def test_after_a_storm_the_risk_is_higher(model: GarchLosses) -> None:
    """The same parameters at the end of wilder losses; an unfiltered sample would not know."""
    wild = np.concatenate([model.losses[:-20], 4 * model.losses[-20:]])

    calm, stormy = model.forecast(99), model.moved_to(wild).forecast(99)
    assert stormy.value_at_risk.value > 1.5 * calm.value_at_risk.value


def test_a_fit_without_an_optimum_is_said_clearly() -> None:
    """One iteration is never enough, on any series and any machine, from either start."""
    losses = 0.01 * garch(300)

    with pytest.raises(InvalidInput, match=r"the fit of a GARCH\(1,1\) converges, received no opt"):
        FilteredHistorical(iterations=1).fit(losses[:, None])


def test_a_second_start_finds_what_the_first_does_not() -> None:
    """A window of a fat-tailed series on which the library's own start ends in a failed search."""
    random = np.random.default_rng(0)
    losses, variance = np.empty(8900), 1e-4
    for at in range(losses.size):
        losses[at] = np.sqrt(variance) * random.standard_t(6) * 0.816
        variance = 2e-6 + 0.09 * losses[at] ** 2 + 0.89 * variance
    window = -np.round(losses[8400:], 6)

    model = FilteredHistorical().fit(window[:, None])
    assert model.alpha + model.beta == pytest.approx(1, abs=1e-3)
    assert model.cautions == ("tailAtBound",)


def test_a_constant_loss_is_refused() -> None:
    """It has no volatility to filter."""
    with pytest.raises(InvalidInput, match="returns that vary"):
        FilteredHistorical().fit(np.full((300, 1), 1e-3))


@pytest.mark.parametrize(("percent", "needed"), [(95.0, 250), (99.0, 250), (99.9, 1000)])
def test_it_needs_a_year_or_a_loss_beyond_the_level(percent: float, needed: int) -> None:
    """Whichever is longer."""
    assert FilteredHistorical().shortest(percent) == needed
