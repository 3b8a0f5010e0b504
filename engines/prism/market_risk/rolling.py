"""One-period forecasts along a series, each made from the window before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import Caution, Method, Model, Vector
from engines.progress import Progress


@dataclass(frozen=True, kw_only=True)
class RollingForecasts:
    """The forecasts for the periods after the first window, in order of time."""

    value_at_risk: Sequence[float]
    expected_shortfall: Sequence[float | None]
    fits: int
    cautions: tuple[Caution, ...]
    """Of all fits, each once."""


def check_window(method: Method, *, window: int, periods: int, percent: float) -> None:
    """Refuse a window that is too short for the method, or that leaves nothing to forecast."""
    needed = method.shortest(percent)
    if window < needed:
        raise InvalidInput("window", expected=f"at least {needed} periods", received=window)
    if window >= periods:
        raise InvalidInput(
            "window", expected=f"fewer periods than the series' {periods}", received=window
        )


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
    check_window(method, window=window, periods=losses.size, percent=percent)
    count = losses.size - window
    values: list[float] = []
    shortfalls: list[float | None] = []
    cautions: dict[Caution, None] = {}
    model: Model | None = None
    for step in range(count):
        progress(step / count, "forecasting")
        seen = losses[step : step + window]
        if model is None or step % refit_every == 0:
            model = _fitted(method, seen, last=step + window)
            cautions.update(dict.fromkeys(model.cautions))
        else:
            model = model.moved_to(seen)
        forecast = model.forecast(percent)
        values.append(forecast.value_at_risk.value)
        shortfall = forecast.expected_shortfall
        shortfalls.append(None if shortfall is None else shortfall.value)
    return RollingForecasts(
        value_at_risk=values,
        expected_shortfall=shortfalls,
        fits=-(-count // refit_every),
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
