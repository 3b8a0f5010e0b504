"""What every method keeps, whatever it believes of the losses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.prism.market_risk.cornish_fisher import CornishFisher
from engines.prism.market_risk.filtered_historical import FilteredHistorical
from engines.prism.market_risk.forecast import Matrix, Method
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.normal import Ewma, Normal
from engines.prism.market_risk.peaks_over_threshold import PeaksOverThreshold
from engines.prism.market_risk.student_t import StudentT

METHODS: dict[str, Method] = {
    "historical": Historical(),
    "age-weighted": Historical(decay=0.99),
    "interpolated": Historical(convention="linear"),
    "normal": Normal(),
    "student t": StudentT(),
    "cornish-fisher": CornishFisher(),
    "ewma": Ewma(),
    "filtered": FilteredHistorical(),
    "monte carlo": MonteCarlo(draws=20_000, seed=4),
    "monte carlo t": MonteCarlo(draws=20_000, seed=4, freedom=4),
    "peaks over threshold": PeaksOverThreshold(),
}
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


def sample(seed: int = 1) -> Matrix:
    """400 periods of two positions, mildly skewed, with a mean."""
    random = np.random.default_rng(seed)
    common = random.gamma(16, size=400) / 4 - 4
    own = random.normal(size=400)
    return np.column_stack([0.1 + common, 0.5 * common + own])


def figures(method: Method, losses: Matrix, percent: float = 97.5) -> tuple[float, float]:
    forecast = method.fit(losses).forecast(percent)
    assert forecast.expected_shortfall is not None
    return forecast.value_at_risk.value, forecast.expected_shortfall.value


@each_method
def test_twice_the_positions_lose_twice_as_much(method: Method) -> None:
    """Positive homogeneity; in powers of two, to rounding and the optimisers' tolerance."""
    once, many = figures(method, sample()), figures(method, 1024 * sample())

    assert many == pytest.approx((1024 * once[0], 1024 * once[1]), rel=1e-5)


@each_method
@pytest.mark.parametrize("size", [1e-90, 1e-9, 1e12, 1e30])
def test_any_unit_of_money_will_do(method: Method, size: float) -> None:
    """From far below a cent to far above all money: no figure loses its digits."""
    value, shortfall = figures(method, sample())

    assert figures(method, size * sample()) == pytest.approx(
        (size * value, size * shortfall), rel=1e-4
    )


@pytest.mark.parametrize(
    "method", [each for each in METHODS.values() if not isinstance(each, Historical)], ids=repr
)
def test_what_is_too_small_to_square_is_refused(method: Method) -> None:
    """Losses of 1e-160 have a variance of zero in floating point: never a NaN."""
    with pytest.raises(InvalidInput, match="returns that vary"):
        method.fit(1e-160 * sample())


@pytest.mark.parametrize("name", sorted(METHODS.keys() - {"ewma"}))
def test_a_sure_loss_adds_itself(name: str) -> None:
    """Translation; but for RiskMetrics, which takes the mean to be zero."""
    method = METHODS[name]
    value, shortfall = figures(method, sample())
    moved = figures(method, sample() + np.array([2.0, 0.0]))

    assert moved == pytest.approx((value + 2, shortfall + 2), rel=2e-4)


@each_method
def test_shortfall_is_at_least_value_at_risk_and_both_rise_with_the_level(method: Method) -> None:
    """From 91% to 99.7%."""
    model = method.fit(sample())
    levels = np.linspace(91, 99.7, 30)
    forecasts = [model.forecast(float(level)) for level in levels]
    values = np.array([each.value_at_risk.value for each in forecasts])
    shortfalls = np.array([each.expected_shortfall.value for each in forecasts])  # type: ignore[union-attr]

    assert (shortfalls >= values).all()
    assert (np.diff(values) >= 0).all()
    assert (np.diff(shortfalls) >= -1e-12).all()


@each_method
def test_an_estimate_lies_in_its_interval(method: Method) -> None:
    """And a standard error is never negative."""
    forecast = method.fit(sample()).forecast(95)

    for estimate in (forecast.value_at_risk, forecast.expected_shortfall):
        assert estimate is not None
        assert (estimate.lower is None) or estimate.lower <= estimate.value
        assert (estimate.upper is None) or estimate.upper >= estimate.value
        assert (estimate.standard_error is None) or estimate.standard_error >= 0


@each_method
def test_all_methods_agree_on_what_is_nearly_normal(method: Method) -> None:
    """On one large normal sample, VaR at 97.5% is 1.96 and ES 2.338, within a tenth."""
    losses = np.random.default_rng(8).normal(size=(4000, 1))
    if method == METHODS["monte carlo t"]:
        method = MonteCarlo(draws=20_000, seed=4, freedom=60)
    tolerance = 0.3 if method in (METHODS["ewma"], METHODS["age-weighted"]) else 0.1

    assert figures(method, losses) == pytest.approx((1.960, 2.338), rel=tolerance)


@given(
    st.integers(0, 10**6), st.floats(50, 99), st.sampled_from(["inverted_cdf", "linear", "weibull"])
)
@settings(max_examples=40, deadline=None)
def test_historical_shortfall_is_subadditive(seed: int, percent: float, convention: str) -> None:
    """A portfolio's ES is at most the sum of its parts' (Acerbi and Tasche 2002), at VaR's own
    convention `inverted_cdf`; the others are above it."""
    losses = np.random.default_rng(seed).standard_t(2, (100, 2))
    total, first, second = (
        figures(Historical(), part, percent)[1] for part in (losses, losses[:, :1], losses[:, 1:])
    )

    assert total <= first + second + 1e-9
    other = Historical(convention=convention)  # type: ignore[arg-type]
    assert figures(other, losses, percent)[1] >= total - 1e-9


def test_a_forecast_over_ten_periods_is_scaled_by_the_root_of_ten() -> None:
    """Value, error and limits alike; what is absent stays absent."""
    forecast = Normal().fit(sample()).forecast(99)
    scaled = forecast.scaled_to(10)

    ratios = [
        getattr(scaled.value_at_risk, name) / getattr(forecast.value_at_risk, name)
        for name in ("value", "standard_error", "lower", "upper")
    ]
    assert ratios == pytest.approx([10**0.5] * 4, rel=1e-12)
    assert Ewma().fit(sample()).forecast(99).scaled_to(10).value_at_risk.lower is None
