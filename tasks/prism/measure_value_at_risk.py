"""`prism.measure_value_at_risk`: what positions may lose in a period, from their past returns."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.market_risk.contributions import Contribution, can_decompose, contributions
from engines.prism.market_risk.forecast import Caution, Forecast
from engines.prism.market_risk.loss_quantile import Convention
from engines.prism.market_risk.monte_carlo import MonteCarlo
from engines.prism.market_risk.position_losses import (
    MOST_PERIODS,
    MOST_POSITIONS,
    MissingRows,
    PositionLosses,
    check_dates,
    position_losses,
)
from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.payload import Count, Payload
from tasks.prism.market_method import Level, MarketMethod, renamed_fields
from tasks.prism.market_risk import (
    FittedParameter,
    MarketRiskCaution,
    MarketRiskProvenance,
    Name,
    Return,
    RiskFigure,
)
from tasks.prism.tolerances import VALUE_AT_RISK
from tasks.refusal import refused_fields

_SCALED: Caution = "squareRootOfTime"


class Position(Payload):
    """Something held, and what it returned in each period."""

    name: Name
    """What it is called; no two positions have the same."""
    amount: Annotated[float, Field(ge=-1e15, le=1e15)]
    """Held now, in the request's currency; negative is short, 1 makes the returns profits."""
    returns: Annotated[tuple[Return | None, ...], Field(min_length=2, max_length=MOST_PERIODS)]
    """One a period in order of time, as fractions: -0.02 is 2% lost. Null is missing."""


class Horizon(Payload):
    """More than one period, by a rule of thumb."""

    periods: Annotated[int, Field(ge=1, le=250)]
    """Of the series."""
    scaling: Literal["squareRootOfTime"]
    """Losses grow with the root of time: right for independent normal losses of mean zero."""


class MeasureValueAtRiskRequest(Payload):
    """Positions, their past returns, and how to forecast from them."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    """ISO 4217, of every amount in the request and the result."""
    positions: Annotated[tuple[Position, ...], Field(min_length=1, max_length=MOST_POSITIONS)]
    """All with returns of the same periods."""
    dates: Annotated[tuple[date, ...], Field(max_length=MOST_PERIODS)] | None = None
    """One a period, ascending."""
    method: MarketMethod
    """How to forecast the loss of the next period."""
    levels: Annotated[tuple[Level, ...], Field(min_length=1, max_length=20)] = (95, 97.5, 99)
    """Of confidence, in per cent: 99 asks for the loss that one period in a hundred exceeds."""
    horizon: Horizon | None = None
    """Null is one period of the series."""
    missing: MissingRows = "refuse"
    """What to do with a period that a position misses: `dropRows` leaves it out for all."""
    decompose: bool = False
    """Whether to split the figures by position; historical, normal, ewma and monteCarlo can."""

    def losses(self) -> PositionLosses:
        """Give the positions' losses; raises `InvalidInput` by the names of this request."""
        return position_losses(
            [position.returns for position in self.positions],
            amounts=[position.amount for position in self.positions],
            fields=[f"positions.{at}.returns" for at in range(len(self.positions))],
            missing=self.missing,
        )

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        with refused_fields(self):
            names = [position.name for position in self.positions]
            for at, position in enumerate(self.positions):
                if position.name in names[:at]:
                    raise InvalidInput(
                        f"positions.{at}.name", expected="a name of its own", received=position.name
                    )
                if position.amount == 0:
                    raise InvalidInput(f"positions.{at}.amount", expected="not 0", received=0)
            check_dates(self.dates, len(self.positions[0].returns))
            method, periods = self.method.engine(), len(self.losses().losses)
            if isinstance(method, MonteCarlo):
                method.check_size(len(self.positions))
            for at, level in enumerate(self.levels):
                with renamed_fields({"level": f"levels.{at}"}):
                    needed = method.shortest(level)
                if periods < needed:
                    raise InvalidInput(
                        "positions",
                        expected=f"at least {needed} periods for {self.method.kind} at {level:g}",
                        received=f"{periods} without a missing return",
                    )
            if self.decompose:
                can_decompose(method)
        return self


class PositionContribution(Payload):
    """What a position adds to the portfolio's figures."""

    name: str
    """Of the position."""
    component_value_at_risk: float
    """The position's part of the VaR; the parts sum to it. Negative where it hedges."""
    marginal_value_at_risk: float
    """By how much VaR grows for each unit of currency added to the position."""
    incremental_value_at_risk: float
    """What closing the position would take off the VaR."""
    component_expected_shortfall: float
    """The position's part of the ES; the parts sum to it."""

    @classmethod
    def of(cls, position: Position, part: Contribution, factor: float) -> Self:
        component = factor * part.component_value_at_risk
        return cls(
            name=position.name,
            component_value_at_risk=component,
            marginal_value_at_risk=component / position.amount,
            incremental_value_at_risk=factor * part.incremental_value_at_risk,
            component_expected_shortfall=factor * part.component_expected_shortfall,
        )


class LevelRisk(Payload):
    """The risk at one level of confidence."""

    level: float
    """In per cent, as asked for."""
    value_at_risk: RiskFigure
    expected_shortfall: RiskFigure | None
    """The mean loss beyond the VaR; null where the fitted tail has none."""
    contributions: tuple[PositionContribution, ...]
    """In the order of the positions; empty unless asked for."""


class MeasureValueAtRiskResult(Payload):
    """VaR and ES, absolute losses in `currency`: positive is lost, the mean is not taken out."""

    currency: str
    """As in the request."""
    method: str
    """The kind of the request's method."""
    quantile_convention: Convention | None
    """Of the quantile of the losses; null where a formula gives it."""
    periods: Count
    """That were used."""
    dropped_periods: Count
    """That were left out because a return was missing."""
    horizon_periods: Count
    """That the figures are for."""
    levels: tuple[LevelRisk, ...]
    """In the order of the request."""
    parameters: tuple[FittedParameter, ...]
    """What the method estimated."""
    cautions: tuple[MarketRiskCaution, ...]
    """Empty where there is nothing to be careful about."""
    provenance: MarketRiskProvenance


@task("prism.measure_value_at_risk", queue=Queue.CPU, shadow=VALUE_AT_RISK)
def measure_value_at_risk(
    request: MeasureValueAtRiskRequest, *, progress: Progress
) -> MeasureValueAtRiskResult:
    """Measure the value at risk and expected shortfall of positions from their returns."""
    progress(0.0, "fitting")
    taken, method = request.losses(), request.method.engine()
    periods = 1 if request.horizon is None else request.horizon.periods
    with renamed_fields({"returns": "positions"}):
        model = method.fit(taken.losses)
        levels = []
        for at, level in enumerate(request.levels, start=1):
            forecast = model.forecast(level)
            levels.append(_level(request, taken, forecast, periods))
            progress(at / len(request.levels), "measuring")
    cautions = model.cautions if request.horizon is None else (*model.cautions, _SCALED)
    return MeasureValueAtRiskResult(
        currency=request.currency,
        method=request.method.kind,
        quantile_convention=request.method.quantile_convention,
        periods=len(taken.losses),
        dropped_periods=taken.dropped,
        horizon_periods=periods,
        levels=tuple(levels),
        parameters=tuple(
            FittedParameter(name=name, value=value) for name, value in model.parameters.items()
        ),
        cautions=tuple(MarketRiskCaution.of(caution) for caution in cautions),
        provenance=MarketRiskProvenance.of_method(
            request,
            seed=request.method.seed if request.method.kind == "monteCarlo" else None,
            is_filtered=request.method.kind == "filteredHistorical",
        ),
    )


def _level(
    request: MeasureValueAtRiskRequest, taken: PositionLosses, forecast: Forecast, periods: int
) -> LevelRisk:
    parts: tuple[Contribution, ...] = ()
    if request.decompose:
        parts = contributions(request.method.engine(), taken.losses, forecast)
    scaled = forecast.scaled_to(periods)
    shortfall = scaled.expected_shortfall
    return LevelRisk(
        level=forecast.percent,
        value_at_risk=RiskFigure.of(scaled.value_at_risk),
        expected_shortfall=None if shortfall is None else RiskFigure.of(shortfall),
        contributions=tuple(
            PositionContribution.of(position, part, periods**0.5)
            for position, part in zip(request.positions, parts, strict=False)
        ),
    )
