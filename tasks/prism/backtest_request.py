"""A VaR backtest as it is asked for: what was returned, and what had been forecast."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.market_risk import shortfall_tests
from engines.prism.market_risk.loss_quantile import Convention
from engines.prism.market_risk.position_losses import (
    MOST_PERIODS,
    MissingRows,
    PositionLosses,
    check_dates,
    position_losses,
)
from engines.prism.market_risk.rolling import check_rolling
from engines.prism.market_risk.traffic_light import Rules
from tasks.payload import Count, Payload
from tasks.prism.market_method import Level, MarketMethod, renamed_fields
from tasks.prism.market_risk import Name, Return
from tasks.prism.picture import PictureFormats
from tasks.refusal import UNTAGGED, refused_fields

ForecastLoss = Annotated[float, Field(ge=0, le=1e15)]
"""A positive number is a loss: of a VaR written as a negative return, leave out the sign."""


ForecastSeries = Annotated[
    tuple[ForecastLoss | None, ...],
    # Not strict of the sequence: behind the union's validator JSON has become lists already.
    Field(max_length=MOST_PERIODS, strict=False),
]


class GivenForecasts(Payload):
    """Forecasts that were made elsewhere."""

    kind: Literal["given"]
    value_at_risk: ForecastSeries
    """One for each return, made before it; positive is a loss, null is missing."""
    expected_shortfall: ForecastSeries | None = None
    """One for each return, at least its VaR; null leaves the test of ES out."""

    @property
    def columns(self) -> dict[str, tuple[float | None, ...]]:
        columns = {"forecasts.valueAtRisk": self.value_at_risk}
        if self.expected_shortfall is not None:
            columns["forecasts.expectedShortfall"] = self.expected_shortfall
        return columns


class RollingWindow(Payload):
    """Forecasts to be made here, each from the periods before it."""

    kind: Literal["rolling"]
    method: MarketMethod
    """How to forecast the loss of the next period."""
    window: Annotated[int, Field(ge=1, le=MOST_PERIODS)]
    """How many periods each forecast is made from; the first forecast is for the next one."""
    refit_every: Annotated[int, Field(ge=1, le=MOST_PERIODS)] = 1
    """Forecasts between two fits: parameters are kept, the data of the window are always new."""


ROLLING_FIELDS = {
    field: f"forecasts.{field}" for field in ("window", "method", "method.draws", "refit_every")
}
"""What the engine calls them -> where they stand in the request."""


class BacktestValueAtRiskRequest(Payload):
    """What was returned, and what had been, or is to be, forecast."""

    name: Name
    """What is tested, on one line; the title of the pictures."""
    returns: Annotated[tuple[Return | None, ...], Field(min_length=2, max_length=MOST_PERIODS)]
    """Or profits, one a period in order of time; a negative number is a loss, null is missing."""
    dates: Annotated[tuple[date, ...], Field(max_length=MOST_PERIODS)] | None = None
    """One a period, ascending."""
    level: Level
    """Of the VaR, in per cent."""
    forecasts: Annotated[GivenForecasts | RollingWindow, Field(discriminator="kind"), UNTAGGED]
    """Forecasts made elsewhere, or how to make them here."""
    traffic_light_periods: Annotated[int, Field(ge=1, le=MOST_PERIODS)] = 250
    """How many of the latest forecasts the traffic light looks at; all where there are fewer."""
    rules: Rules = "basel1996"
    """Whose multipliers: `basel1996` adds to 3, `mar32` of 2019 to 1.5."""
    missing: MissingRows = "refuse"
    """What to do with a period that misses its return or forecast."""
    seed: Count = 0
    """Of the resampling in the test of ES."""
    pictures: PictureFormats = ("png",)
    """Of the returns, the VaR and the breaches. None is the quickest answer."""

    def taken(self) -> PositionLosses:
        """Give loss, VaR and ES of the periods that are complete, in columns."""
        columns: dict[str, tuple[float | None, ...]] = {"returns": self.returns}
        if isinstance(self.forecasts, GivenForecasts):
            columns |= self.forecasts.columns
        return position_losses(
            list(columns.values()),
            amounts=[1.0, *[-1.0] * (len(columns) - 1)],
            fields=list(columns),
            missing=self.missing,
        )

    @model_validator(mode="after")
    def _testable(self) -> Self:
        with refused_fields(self):
            check_dates(self.dates, len(self.returns))
            columns = self.taken().losses.T
            if isinstance(self.forecasts, RollingWindow):
                with renamed_fields(ROLLING_FIELDS):
                    check_rolling(
                        self.forecasts.method.engine(),
                        percent=self.level,
                        window=self.forecasts.window,
                        refit_every=self.forecasts.refit_every,
                        periods=columns.shape[1],
                    )
            elif columns.shape[1] < 2:
                raise InvalidInput(
                    "returns", expected="2 complete periods or more", received=columns.shape[1]
                )
            elif len(columns) == 3:
                with renamed_fields({"expectedShortfall": "forecasts.expectedShortfall"}):
                    shortfall_tests.check_shortfalls(columns[1], columns[2])
        return self

    @property
    def quantile_convention(self) -> Convention | None:
        """The convention of the forecasts made here; `None` where a formula makes them."""
        rolling = self.forecasts
        return rolling.method.quantile_convention if isinstance(rolling, RollingWindow) else None

    @property
    def is_filtered(self) -> bool:
        """Whether a GARCH is fitted."""
        rolling = self.forecasts
        return isinstance(rolling, RollingWindow) and rolling.method.kind == "filteredHistorical"

    @property
    def how(self) -> str:
        """How the forecasts came about, for below a picture."""
        rolling = self.forecasts
        if isinstance(rolling, GivenForecasts):
            return f"VaR at {self.level:g}% as given"
        return (
            f"VaR at {self.level:g}% · {rolling.method.kind} · window of {rolling.window:,} · "
            f"refitted every {rolling.refit_every:,}"
        )
