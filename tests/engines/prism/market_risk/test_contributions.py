"""Components add up to the total, and are what a textbook prints and derivatives say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.prism.market_risk.contributions import can_decompose, contributions
from engines.prism.market_risk.forecast import Forecast, Matrix, Method, RiskEstimate
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.normal import Ewma, Normal
from engines.prism.market_risk.peaks_over_threshold import PeaksOverThreshold
from engines.prism.market_risk.student_t import StudentT

SPLITTABLE: dict[str, Method] = {
    "historical": Historical(),
    "interpolated": Historical(convention="median_unbiased"),
    "age-weighted": Historical(decay=0.99),
    "normal": Normal(),
    "ewma": Ewma(),
    "monte carlo": MonteCarlo(draws=10_000, seed=1),
    "monte carlo t": MonteCarlo(draws=10_000, seed=1, freedom=5),
}


def sample(positions: int, seed: int = 1, periods: int = 300) -> Matrix:
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(positions, positions))
    return 0.05 + random.standard_t(5, (periods, positions)) @ mixing


def exact_sample(covariance: Matrix) -> Matrix:
    """Losses of mean zero with exactly this sample covariance."""
    raw = sample(len(covariance))
    raw -= raw.mean(axis=0)
    root = np.linalg.cholesky(np.cov(raw, rowvar=False))
    return raw @ np.linalg.inv(root).T @ np.linalg.cholesky(covariance).T


def test_the_printed_portfolio_of_two_currencies() -> None:
    """2 million in one currency of 5% volatility, 1 million in another of 12%, uncorrelated.

    Jorion, Value at Risk (3rd ed., McGraw-Hill 2007), chapter 7: VaR 257,738 at 1.65 deviations,
    components 105,630 and 152,108, by themselves 165,000 and 198,000.
    """
    losses = exact_sample(np.diag([0.05 * 2e6, 0.12 * 1e6]) ** 2)
    value = 1.65 * losses.sum(axis=1).std(ddof=1)
    forecast = Forecast(
        percent=95,
        value_at_risk=RiskEstimate(value),
        expected_shortfall=RiskEstimate(1.25 * value),
    )
    first, second = contributions(Normal(), losses, forecast)

    assert value == pytest.approx(257_738, abs=1)
    assert first.component_value_at_risk == pytest.approx(105_630, abs=3)  # 41% and 59%, rounded
    assert second.component_value_at_risk == pytest.approx(152_108, abs=3)
    assert first.incremental_value_at_risk == pytest.approx(257_738 - 198_000, abs=1)
    assert second.incremental_value_at_risk == pytest.approx(257_738 - 165_000, abs=1)


@pytest.mark.parametrize("method", SPLITTABLE.values(), ids=SPLITTABLE)
@given(st.integers(1, 12), st.integers(0, 10**6), st.floats(90, 99.5))
@settings(max_examples=15, deadline=None)
def test_components_add_up_to_the_total(
    method: Method, positions: int, seed: int, percent: float
) -> None:
    """VaR's and ES's, for every method that can be split, to rounding."""
    losses = sample(positions, seed)
    forecast = method.fit(losses).forecast(percent)
    parts = contributions(method, losses, forecast)

    scale = np.abs(losses).max()
    assert forecast.expected_shortfall is not None
    assert sum(part.component_value_at_risk for part in parts) == pytest.approx(
        forecast.value_at_risk.value, abs=1e-9 * scale
    )
    assert sum(part.component_expected_shortfall for part in parts) == pytest.approx(
        forecast.expected_shortfall.value, abs=1e-9 * scale
    )


@pytest.mark.parametrize("method", [Normal(), Ewma()], ids=["normal", "ewma"])
def test_a_component_is_the_derivative_by_the_positions_size(method: Method) -> None:
    """Euler's theorem: VaR and ES at a little more and a little less of each position."""
    losses = sample(3)
    parts = contributions(method, losses, method.fit(losses).forecast(99))

    for at, part in enumerate(parts):
        step = np.zeros(3)
        step[at] = 1e-6
        more, less = (method.fit(losses * (1 + each)).forecast(99) for each in (step, -step))
        value = (more.value_at_risk.value - less.value_at_risk.value) / 2e-6
        shortfall = (more.expected_shortfall.value - less.expected_shortfall.value) / 2e-6  # type: ignore[union-attr]
        assert part.component_value_at_risk == pytest.approx(value, rel=1e-6)
        assert part.component_expected_shortfall == pytest.approx(shortfall, rel=1e-6)


@pytest.mark.parametrize("method", SPLITTABLE.values(), ids=SPLITTABLE)
def test_a_single_position_is_the_portfolio(method: Method) -> None:
    """Its component is the total, and closing it takes the total off."""
    losses = sample(1)
    forecast = method.fit(losses).forecast(95)
    (part,) = contributions(method, losses, forecast)

    value = forecast.value_at_risk.value
    assert part.component_value_at_risk == pytest.approx(value, rel=1e-12)
    assert part.incremental_value_at_risk == pytest.approx(value, rel=1e-9)


def test_the_historical_split_nears_the_normal_one() -> None:
    """Of 20,000 normal periods: a kernel mean has an error of a few hundredths of the total."""
    losses = np.random.default_rng(5).multivariate_normal([0, 0], [[1, 0.3], [0.3, 4]], 20_000)
    exact, estimated = (
        contributions(method, losses, method.fit(losses).forecast(97.5))
        for method in (Normal(), Historical())
    )

    total = sum(part.component_value_at_risk for part in exact)
    for ours, theirs in zip(estimated, exact, strict=True):
        assert ours.component_value_at_risk == pytest.approx(
            theirs.component_value_at_risk, abs=0.04 * total
        )


def test_the_historical_shortfall_is_the_mean_of_the_worst_periods() -> None:
    """Where whole periods fill the tail, position by position."""
    losses = sample(3)
    worst = losses[np.argsort(losses.sum(axis=1))[-15:]].mean(axis=0)
    parts = contributions(Historical(), losses, Historical().fit(losses).forecast(95))

    assert [part.component_expected_shortfall for part in parts] == pytest.approx(
        worst.tolist(), rel=1e-9
    )


def test_a_hedge_has_a_negative_part() -> None:
    """And closing it would add to the VaR."""
    one = sample(1)
    losses = np.column_stack([one, -0.4 * one])
    for method in (Normal(), Historical()):
        _, hedge = contributions(method, losses, method.fit(losses).forecast(95))
        assert hedge.component_value_at_risk < 0
        assert hedge.incremental_value_at_risk < 0


def test_losses_that_never_vary_are_split_evenly_by_what_they_are() -> None:
    """A constant portfolio: each position's own constant."""
    losses = np.tile([1.0, 2.0], (50, 1))
    parts = contributions(Historical(), losses, Historical().fit(losses).forecast(95))

    assert [part.component_value_at_risk for part in parts] == pytest.approx([1.0, 2.0])
    assert [part.component_expected_shortfall for part in parts] == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize("method", [StudentT(), PeaksOverThreshold()])
def test_methods_of_a_single_series_cannot_be_split(method: Method) -> None:
    """They know of the total only, and say which methods know more."""
    with pytest.raises(InvalidInput, match="historical, normal, ewma, monteCarlo"):
        can_decompose(method)
