"""Each forecast sees its window and nothing else, and the run can be watched and stopped."""

from __future__ import annotations

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.market_risk.cornish_fisher import CornishFisher
from engines.prism.market_risk.filtered_historical import FilteredHistorical
from engines.prism.market_risk.forecast import Method
from engines.prism.market_risk.historical import Historical
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.normal import Ewma, Normal
from engines.prism.market_risk.rolling import (
    RollingForecasts,
    check_rolling,
    rolling_forecasts,
)
from engines.prism.market_risk.student_t import StudentT
from engines.progress import unreported

LOSSES = np.random.default_rng(6).standard_t(5, 400)


def rolled(method: Method, *, window: int = 100, refit_every: int = 1) -> RollingForecasts:
    return rolling_forecasts(
        LOSSES,
        method,
        percent=95,
        window=window,
        refit_every=refit_every,
        progress=unreported,
    )


@pytest.mark.parametrize("method", [Historical(), Normal(), Ewma()])
def test_each_forecast_is_that_of_its_window(method: Method) -> None:
    """Fitted every time, the forecast of period t knows periods t - 100 to t - 1."""
    forecasts = rolled(method)

    for at in (0, 57, 299):
        alone = method.fit(LOSSES[at : at + 100, None]).forecast(95)
        assert forecasts.value_at_risk[at] == alone.value_at_risk.value
        assert forecasts.expected_shortfall[at] == alone.expected_shortfall.value  # type: ignore[union-attr]
    assert (len(forecasts.value_at_risk), forecasts.fits) == (300, 300)


def test_parameters_stay_between_two_fits() -> None:
    """A normal VaR is a staircase of the refits."""
    forecasts = rolled(Normal(), refit_every=30)

    assert forecasts.fits == 10
    assert len(set(forecasts.value_at_risk.tolist())) == 10


@pytest.mark.parametrize("method", [Historical(), Ewma()])
def test_what_only_reads_the_window_needs_no_fit(method: Method) -> None:
    """Empirical quantiles and RiskMetrics are always those of the latest window."""
    assert np.array_equal(
        rolled(method, refit_every=1).value_at_risk, rolled(method, refit_every=77).value_at_risk
    )


def test_a_garch_filters_on_between_two_fits() -> None:
    """Its forecasts move every period, though it is fitted once."""
    forecasts = rolled(FilteredHistorical(), window=300, refit_every=1000)

    assert forecasts.fits == 1
    assert len(set(forecasts.value_at_risk.tolist())) > 90


def test_progress_is_told_before_every_forecast() -> None:
    """So that a stop is noticed within one fit; the stop passes through."""
    told: list[float] = []

    def stop_at_tenth(fraction: float, message: str = "") -> None:
        told.append(fraction)
        if len(told) == 10:
            raise Stopped

    with pytest.raises(Stopped):
        rolling_forecasts(
            LOSSES, Normal(), percent=95, window=100, refit_every=1, progress=stop_at_tenth
        )
    assert told == pytest.approx([step / 300 for step in range(10)])


@pytest.mark.parametrize(("window", "expected"), [(19, "at least 20"), (400, "fewer .* 400")])
def test_a_window_fits_method_and_series(window: int, expected: str) -> None:
    """Long enough for the method, and with something left to forecast."""
    with pytest.raises(InvalidInput, match=f"window: expected {expected}"):
        rolled(Historical(), window=window)


def test_a_refusal_names_the_window() -> None:
    """Of three hundred windows, the one whose moments have no Cornish-Fisher expansion."""
    losses = LOSSES.copy()
    losses[350] = 500.0
    with pytest.raises(InvalidInput, match="in the window that ends with period 351"):
        rolling_forecasts(
            losses,
            CornishFisher(),
            percent=95,
            window=200,
            refit_every=1,
            progress=unreported,
        )


def test_cautions_are_told_once() -> None:
    """However many fits had them."""
    simulated = rolled(MonteCarlo(draws=2000, seed=1), refit_every=100)

    assert simulated.cautions == ("simulationErrorOnly",)


def test_a_monte_carlo_that_would_take_minutes_is_refused() -> None:
    """With the draws that would be accepted."""
    with pytest.raises(InvalidInput, match=r"method\.draws: expected at most 666666 for 300 fits"):
        rolled(MonteCarlo(draws=1_000_000, seed=1))


@pytest.mark.parametrize("method", [FilteredHistorical(), StudentT()])
def test_more_searches_than_a_job_has_time_for_are_refused(method: Method) -> None:
    """With how often to fit instead."""
    fits = check_rolling(method, percent=99, window=500, refit_every=4, periods=20_000)

    assert fits == 4875
    with pytest.raises(InvalidInput, match="refit_every: expected at least 4: at most 5000 fits"):
        check_rolling(method, percent=99, window=500, refit_every=3, periods=20_000)
