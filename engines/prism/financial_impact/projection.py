"""Expected losses and costs, year by year and in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engines.prism.financial_impact.appraisal import Appraisal, appraise
from engines.prism.financial_impact.horizon import Floats, Horizon
from engines.prism.financial_impact.programme import (
    Control,
    Programme,
    costs_at_start,
    running_costs,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Discounting:
    """How each year's amounts become present value."""

    horizon: Horizon
    price_factors: Floats
    """From the prices of the request to the money that is discounted."""
    discount_factors: Floats


@dataclass(frozen=True, kw_only=True)
class ProjectedYear:
    """Expected amounts of one year, in the money that is discounted."""

    year: int
    """From 1."""
    cash_flow_date: date
    price_factor: float
    discount_factor: float
    loss_before: float
    loss_after: float
    running_costs: float
    net_cash_flow: float
    """Losses avoided less running costs."""
    cumulative_present_value: float
    """Of all net cash flows so far, costs at the start included."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """All controls together, and each as if it were the only one."""

    years: tuple[ProjectedYear, ...]
    together: Appraisal
    alone: tuple[Appraisal, ...]
    """One a control, in the order of the programme."""


def project(programme: Programme, discounting: Discounting) -> Projection:
    """Project a programme by the expected loss of each year."""
    return Projection(
        years=_years(programme, discounting),
        together=_appraise(programme, programme.controls, discounting),
        alone=tuple(_appraise(programme, [each], discounting) for each in programme.controls),
    )


def _flows(
    programme: Programme, controls: Sequence[Control], discounting: Discounting
) -> tuple[Floats, Floats, Floats]:
    """Give losses before, losses after and running costs by year."""
    prices = discounting.price_factors
    losses = programme.expected_losses() * prices
    after = (losses * programme.residual(controls)).sum(axis=0)
    return losses.sum(axis=0), after, running_costs(controls, programme.years) * prices


def _appraise(
    programme: Programme, controls: Sequence[Control], discounting: Discounting
) -> Appraisal:
    before, after, costs = _flows(programme, controls, discounting)
    return appraise(
        before=before,
        after=after,
        costs=costs,
        at_start=costs_at_start(controls),
        times=discounting.horizon.times,
        factors=discounting.discount_factors,
    )


def _years(programme: Programme, discounting: Discounting) -> tuple[ProjectedYear, ...]:
    before, after, costs = _flows(programme, programme.controls, discounting)
    net = before - after - costs
    discounted = net * discounting.discount_factors
    cumulative = np.cumsum(discounted) - costs_at_start(programme.controls)
    return tuple(
        ProjectedYear(
            year=year + 1,
            cash_flow_date=when,
            price_factor=float(discounting.price_factors[year]),
            discount_factor=float(discounting.discount_factors[year]),
            loss_before=float(before[year]),
            loss_after=float(after[year]),
            running_costs=float(costs[year]),
            net_cash_flow=float(net[year]),
            cumulative_present_value=float(cumulative[year]),
        )
        for year, when in enumerate(discounting.horizon.dates)
    )
