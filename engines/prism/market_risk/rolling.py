"""One-period forecasts along a series, each made from the window before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.errors import InvalidInput
from engines.prism.market_risk.filtered_historical import FilteredHistorical
from engines.prism.market_risk.forecast import Caution, Forecast, Method, Model, Vector
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.student_t import StudentT
from engines.progress import Progress

MOST_DRAWS = 200_000_000
"""Of a Monte Carlo over all fits: about a quarter of a minute."""

MOST_SEARCHES = 5000
"""Fits of a GARCH or a Student t, each of which an optimiser takes 20 to 80 ms for: minutes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RollingForecasts:
    """The forecasts for the periods after the first window, in order of time."""

    value_at_risk: Vector
    expected_shortfall: Sequence[float | None]
    fits: int
    cautions: tuple[Caution, ...]
    """Of all fits, each once."""


def check_rolling(
    method: Method, *, percent: float, window: int, refit_every: int, periods: int
) -> int:
    """Give the number of fits.

    Raises `InvalidInput` for a window that is too short for the method or leaves nothing to
    forecast, and for more draws or searches than a job should take.
    """
    needed = method.shortest(percent)
    if window < needed:
        raise InvalidInput("window", expected=f"at least {needed} periods", received=window)
    if window >= periods:
        raise InvalidInput(
            "window", expected=f"fewer periods than the series' {periods}", received=window
        )
    fits = -(-(periods - window) // refit_every)
    if isinstance(method, MonteCarlo) and fits * method.draws > MOST_DRAWS:
        raise InvalidInput(
            "method.draws",
            expected=f"at most {MOST_DRAWS // fits} for {fits} fits",
            received=method.draws,
        )
    if isinstance(method, FilteredHistorical | StudentT) and fits > MOST_SEARCHES:
        least = -(-(periods - window) // MOST_SEARCHES)
        raise InvalidInput(
            "refit_every",
            expected=f"at least {least}: at most {MOST_SEARCHES} fits of this method",
            received=refit_every,
        )
    return fits


def rolling_forecasts(
    losses: Vector,
    method: Method,
    *,
    percent: float,
    window: int,
    refit_every: int,
    progress: Progress,
) -> RollingForecasts:
    """Forecast each period from the `window` before it, fitting anew every so many periods.

    Between two fits the estimated parameters stay and the data move on: what is filtered from
    them (a GARCH or an exponentially weighted volatility, the historical losses themselves) is
    always that of the latest window.
    """
    fits = check_rolling(
        method, percent=percent, window=window, refit_every=refit_every, periods=losses.size
    )
    count = losses.size - window
    values: list[float] = []
    shortfalls: list[float | None] = []
    cautions: dict[Caution, None] = {}
    model: Model | None = None
    forecast: Forecast | None = None
    for step in range(count):
        progress(step / count, "forecasting")
        seen = losses[step : step + window]
        if model is None or step % refit_every == 0:
            moved = _fitted(method, seen, last=step + window)
            cautions.update(dict.fromkeys(moved.cautions))
        else:
            moved = model.moved_to(seen)
        if forecast is None or moved is not model:
            forecast = moved.forecast(percent)
        model = moved
        values.append(forecast.value_at_risk.value)
        shortfall = forecast.expected_shortfall
        shortfalls.append(None if shortfall is None else shortfall.value)
    return RollingForecasts(
        value_at_risk=np.array(values),
        expected_shortfall=shortfalls,
        fits=fits,
        cautions=tuple(cautions),
    )


def _fitted(method: Method, seen: Vector, *, last: int) -> Model:
    try:
        return method.fit(seen[:, None])
    except InvalidInput as refusal:
        raise InvalidInput(
            refusal.field,
            expected=refusal.expected,
            received=f"{refusal.received}, in the window that ends with period {last}",
        ) from refusal
