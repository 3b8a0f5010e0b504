"""What `prism.project_financial_impact` says; amounts in the reporting currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from engines.prism.financial_impact import appraisal, npv_distribution, projection
from tasks.payload import Count, Payload
from tasks.prism.annual_loss import Estimate, Percent
from tasks.prism.provenance import Provenance


class ProjectedYear(Payload):
    """Expected amounts of one year, in the money that the discount rates are for."""

    year: Count
    """From 1."""
    cash_flow_date: date
    """When the year's money is taken to move."""
    price_factor: float
    """That brought the request's amounts to this money; 1 where no inflation is needed."""
    discount_factor: float
    """What one unit at that date is worth at the valuation date."""
    loss_before: float
    """Without controls."""
    loss_after: float
    """With all controls."""
    running_costs: float
    """Of all controls."""
    net_cash_flow: float
    """Losses avoided less running costs."""
    cumulative_present_value: float
    """Of all net cash flows so far, costs at the start included."""


class InternalRateOfReturn(Payload):
    """The rate at which the controls would just pay, if there is one such rate."""

    status: Literal["unique", "none", "several"]
    """A rate that is not unique is no yardstick: go by the net present value."""
    rate: float | None
    """A year, compounded annually; null unless unique."""
    candidates: tuple[float, ...]
    """Every rate from -99% to 1,000,000% at which the net present value is nothing."""

    @classmethod
    def of(cls, rates: Sequence[float]) -> Self:
        return cls(
            status="none" if not rates else "unique" if len(rates) == 1 else "several",
            rate=rates[0] if len(rates) == 1 else None,
            candidates=tuple(rates),
        )


class FinancialAppraisal(Payload):
    """Whether controls are worth their money, in expectation."""

    losses_before: float
    """Present value of losses without them."""
    losses_after: float
    """Present value of losses with them."""
    costs: float
    """Present value of what they cost."""
    net_present_value: float
    """Losses avoided less costs."""
    rosi: float | None
    """Return on security investment: the net present value over the costs; null without costs."""
    payback_years: float | None
    """Until discounted savings have earned back the costs; null where they never do."""
    internal_rate_of_return: InternalRateOfReturn

    @classmethod
    def of(cls, appraised: appraisal.Appraisal) -> Self:
        return cls(
            losses_before=appraised.losses_before,
            losses_after=appraised.losses_after,
            costs=appraised.costs,
            net_present_value=appraised.net_present_value,
            rosi=appraised.return_on_investment,
            payback_years=appraised.payback_years,
            internal_rate_of_return=InternalRateOfReturn.of(appraised.internal_rates_of_return),
        )


class ControlAppraisal(Payload):
    """One control as if it were the only one."""

    name: str
    """As in the request."""
    alone: FinancialAppraisal
    """Controls overlap: these do not add up to all of them together."""


class PresentValuePercentile(Payload):
    """The present value that `percent` per cent of simulated courses do not exceed."""

    percent: Percent
    """As asked for."""
    value: float
    """The present value."""
    lower: float | None
    """Lower limit of its 95% interval; null where the trials are too few for one."""
    upper: float | None
    """Upper limit; null where the trials are too few for one."""


class PresentValueSpread(Payload):
    """A simulated present value."""

    mean: Estimate
    standard_deviation: float
    """Of the simulated courses."""
    percentiles: tuple[PresentValuePercentile, ...]
    """In the order of the request."""

    @classmethod
    def of(cls, spread: npv_distribution.Spread, percents: Sequence[float]) -> Self:
        return cls(
            mean=Estimate.of(spread.mean),
            standard_deviation=spread.standard_deviation,
            percentiles=tuple(
                PresentValuePercentile(
                    percent=percent, value=each.value, lower=each.lower, upper=each.upper
                )
                for percent, each in zip(percents, spread.percentiles, strict=True)
            ),
        )


class ImpactUncertainty(Payload):
    """How far present values may come out from what is expected."""

    losses_before: PresentValueSpread
    losses_after: PresentValueSpread
    net_present_value: PresentValueSpread
    probability_of_gain: Estimate
    """That all controls together save more than they cost."""

    @classmethod
    def of(cls, simulated: npv_distribution.NpvDistribution, percents: Sequence[float]) -> Self:
        return cls(
            losses_before=PresentValueSpread.of(simulated.losses_before, percents),
            losses_after=PresentValueSpread.of(simulated.losses_after, percents),
            net_present_value=PresentValueSpread.of(simulated.net_present_value, percents),
            probability_of_gain=Estimate.of(simulated.probability_of_gain),
        )


class ProjectFinancialImpactResult(Payload):
    """Losses and controls over several years, in today's money."""

    name: str
    """As in the request."""
    currency: str
    """Of every amount."""
    money: Literal["nominal", "real"]
    """What yearly amounts are counted in: the money of their day, or of the valuation date."""
    years: tuple[ProjectedYear, ...]
    """In time."""
    together: FinancialAppraisal
    """All controls."""
    controls: tuple[ControlAppraisal, ...]
    """Each alone, in the order of the request."""
    uncertainty: ImpactUncertainty | None
    """Null when not asked for."""
    provenance: Provenance

    @staticmethod
    def years_of(projected: projection.Projection) -> tuple[ProjectedYear, ...]:
        """Give the wire form of the years."""
        return tuple(
            ProjectedYear.model_validate(year, from_attributes=True) for year in projected.years
        )
