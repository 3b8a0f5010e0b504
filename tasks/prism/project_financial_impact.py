"""`prism.project_financial_impact`: losses and controls over several years, in today's money."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.finance.currency_conversion import Conversion
from engines.finance.curve_quotes import FIRST_DATE, LAST_DATE, CurveQuotes
from engines.prism.distributions import LARGEST
from engines.prism.financial_impact import ENGINE, ENGINE_VERSION, npv_distribution, programme
from engines.prism.financial_impact.horizon import (
    MAX_YEARS,
    Floats,
    Horizon,
    Prices,
    Rates,
    Timing,
    price_factors,
)
from engines.prism.financial_impact.projection import Discounting, project
from engines.progress import Progress
from queues.names import Queue
from tasks.declaration import task
from tasks.payload import MAX_SAFE_INTEGER, Payload
from tasks.prism.annual_loss import Percent
from tasks.prism.discounting import Currency, DiscountCurve, StatedRate, quotes_of
from tasks.prism.distribution import Distribution
from tasks.prism.financial_impact_answer import (
    ControlAppraisal,
    FinancialAppraisal,
    ImpactUncertainty,
    ProjectFinancialImpactResult,
)
from tasks.prism.provenance import Provenance
from tasks.prism.tolerances import FINANCIAL_IMPACT
from tasks.refusal import refused_fields

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Amount = Annotated[float, Field(ge=0, le=LARGEST)]
Growth = Annotated[float, Field(gt=-1, le=programme.HIGHEST_GROWTH)]
Share = Annotated[float, Field(ge=0, le=1)]


class ExpectedLoss(Payload):
    """What one kind of loss costs in a year."""

    name: Name
    """No two losses may share it."""
    currency: Currency
    """ISO 4217, of `annualLoss`."""
    annual_loss: Distribution
    """Of all events of the first year together; a number is an expected loss known for sure."""
    growth_per_year: Growth = 0
    """Of what is exposed, without inflation: 0.1 makes the second year's loss a tenth larger."""


class PlannedControl(Payload):
    """What is spent against losses, and what share of them it avoids."""

    name: Name
    """No two controls may share it."""
    currency: Currency
    """ISO 4217, of its costs."""
    at_start: Amount = 0
    """Spent on the valuation date."""
    running_costs: Annotated[tuple[Amount, ...], Field(min_length=1, max_length=MAX_YEARS)]
    """One a year, or a single one for all of them."""
    effectiveness: Annotated[tuple[Share, ...], Field(min_length=1, max_length=MAX_YEARS)]
    """The share avoided of what other controls leave: one a year, or a single one for all."""
    acts_on: (
        Annotated[tuple[Name, ...], Field(min_length=1, max_length=programme.MAX_LOSSES)] | None
    ) = None
    """Names of losses, each once; null is all of them."""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = self.acts_on or ()
        with refused_fields(self):
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise InvalidInput(f"acts_on.{index}", expected="each once", received=name)
        return self


class ImpactSimulation(Payload):
    """How to look at what is uncertain."""

    trials: Annotated[int, Field(ge=1000, le=npv_distribution.MAX_TRIALS)] = 100_000
    """Simulated courses of all years."""
    seed: Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)] = 0
    """The same request gives the same numbers; another seed gives others as good."""
    autocorrelation: Annotated[float, Field(gt=-1, lt=1)] = 0
    """From one year of a loss to the next, of the normals of a Gaussian copula; 0 is none."""
    percentiles: Annotated[tuple[Percent, ...], Field(max_length=100)] = (5, 50, 95)
    """In per cent of courses."""


class ProjectFinancialImpactRequest(Payload):
    """Losses, controls, and how money is counted over time."""

    name: Name
    """What is projected."""
    currency: Currency
    """ISO 4217, of the result."""
    valuation_date: Annotated[date, Field(ge=FIRST_DATE, le=LAST_DATE)]
    """What present values are values at; the first year begins here."""
    years: Annotated[int, Field(ge=1, le=MAX_YEARS)]
    """How far to look."""
    timing: Timing
    """When a year's money moves."""
    prices: Prices
    """Of losses and running costs: `constant` are those of the valuation date, `current` those of
    each year."""
    rates: Rates
    """Whether the discount rates contain inflation (`nominal`) or not (`real`)."""
    inflation_per_year: (
        Annotated[tuple[Growth, ...], Field(min_length=1, max_length=MAX_YEARS)] | None
    ) = None
    """One a year, or a single one for all. Needed to bring constant prices to nominal rates or
    current prices to real ones, and refused where prices and rates agree."""
    discount_curve: DiscountCurve
    """What money of a later year is worth now."""
    extrapolate: bool = False
    """Whether the curve's last forward rate goes on where the years outlast the curve."""
    exchange_rates: Annotated[tuple[StatedRate, ...], Field(max_length=200)] = ()
    """Into the reporting currency; a rate that is missing is not guessed."""
    allow_inverse_rates: bool = False
    """Whether one over the opposite rate may stand in for a missing one."""
    losses: Annotated[
        tuple[ExpectedLoss, ...], Field(min_length=1, max_length=programme.MAX_LOSSES)
    ]
    """Independent of each other."""
    controls: Annotated[tuple[PlannedControl, ...], Field(max_length=programme.MAX_CONTROLS)] = ()
    """Against the losses."""
    simulation: ImpactSimulation | None = None
    """Null looks at expected values only."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.plan()
            self.price_factors()
            self.quotes()
            if self.simulation is not None:
                npv_distribution.check_draws(
                    trials=self.simulation.trials, losses=len(self.losses), years=self.years
                )
        return self

    @property
    def horizon(self) -> Horizon:
        return Horizon(valuation_date=self.valuation_date, years=self.years, timing=self.timing)

    def quotes(self) -> CurveQuotes:
        """Give the engine's form of the discount curve."""
        return quotes_of(
            self.discount_curve,
            valuation_date=self.valuation_date,
            dates=self.horizon.dates,
            extrapolate=self.extrapolate,
            field="discountCurve",
        )

    def price_factors(self) -> Floats:
        """Give what brings the amounts to the money of the discount rates."""
        inflation = self.inflation_per_year
        by_year = None if inflation is None else self._by_year(inflation, "inflationPerYear")
        return price_factors(self.horizon, prices=self.prices, rates=self.rates, inflation=by_year)

    def plan(self) -> programme.Programme:
        """Give the engine's form of losses and controls."""
        conversion = Conversion(
            to=self.currency,
            rates=tuple(rate.engine() for rate in self.exchange_rates),
            allow_inverse=self.allow_inverse_rates,
        )
        return programme.Programme(
            years=self.years,
            losses=tuple(self._loss(index, conversion) for index in range(len(self.losses))),
            controls=tuple(self._control(index, conversion) for index in range(len(self.controls))),
        )

    def _loss(self, index: int, conversion: Conversion) -> programme.AnnualLoss:
        loss = self.losses[index]
        rate = conversion.factor(loss.currency, field=f"losses.{index}.currency")
        return programme.AnnualLoss(
            name=loss.name,
            distribution=loss.annual_loss.engine(),
            exchange_rate=rate,
            growth_per_year=loss.growth_per_year,
        )

    def _control(self, index: int, conversion: Conversion) -> programme.Control:
        control, where = self.controls[index], f"controls.{index}"
        return programme.Control(
            name=control.name,
            at_start=control.at_start,
            running_costs=self._by_year(control.running_costs, f"{where}.runningCosts"),
            effectiveness=self._by_year(control.effectiveness, f"{where}.effectiveness"),
            acts_on=None if control.acts_on is None else frozenset(control.acts_on),
            exchange_rate=conversion.factor(control.currency, field=f"{where}.currency"),
        )

    def _by_year(self, values: tuple[float, ...], field: str) -> tuple[float, ...]:
        if len(values) == 1:
            return values * self.years
        if len(values) != self.years:
            expected = f"one value, or {self.years}, one a year"
            raise InvalidInput(field, expected=expected, received=len(values))
        return values


@task("prism.project_financial_impact", queue=Queue.CPU, shadow=FINANCIAL_IMPACT)
def project_financial_impact(
    request: ProjectFinancialImpactRequest, *, progress: Progress
) -> ProjectFinancialImpactResult:
    """Project what losses and controls come to over several years, in today's money."""
    # Here, because the catalogue is read where the `prism` extra, QuantLib, is not installed.
    from engines.finance.discount_curve import discount_factors

    plan = request.plan()
    discounting = Discounting(
        horizon=request.horizon,
        price_factors=request.price_factors(),
        discount_factors=discount_factors(
            request.quotes(),
            reference=request.valuation_date,
            dates=request.horizon.dates,
            extrapolate=request.extrapolate,
        ),
    )
    projected = project(plan, discounting)
    uncertainty = None
    if request.simulation is not None:
        asked = request.simulation
        simulated = npv_distribution.simulate(
            plan,
            discounting,
            trials=asked.trials,
            seed=asked.seed,
            autocorrelation=asked.autocorrelation,
            percents=asked.percentiles,
            progress=progress,
        )
        uncertainty = ImpactUncertainty.of(simulated, asked.percentiles)
    return ProjectFinancialImpactResult(
        name=request.name,
        currency=request.currency,
        money=request.rates,
        years=ProjectFinancialImpactResult.years_of(projected),
        together=FinancialAppraisal.of(projected.together),
        controls=tuple(
            ControlAppraisal(name=control.name, alone=FinancialAppraisal.of(alone))
            for control, alone in zip(plan.controls, projected.alone, strict=True)
        ),
        uncertainty=uncertainty,
        provenance=Provenance.of(
            request,
            engine=ENGINE,
            engine_version=ENGINE_VERSION,
            seed=None if request.simulation is None else request.simulation.seed,
        ),
    )
