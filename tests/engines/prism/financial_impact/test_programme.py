"""Losses, controls, and expected values by year."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.distributions import Constant
from engines.prism.financial_impact.horizon import Horizon
from engines.prism.financial_impact.programme import AnnualLoss, Control, Programme
from engines.prism.financial_impact.projection import Discounting, project

OUTAGE = AnnualLoss(name="outage", distribution=Constant(1000.0), growth_per_year=0.1)
THEFT = AnnualLoss(name="theft", distribution=Constant(500.0), exchange_rate=0.8)
HALF = Control(name="half", at_start=100, running_costs=(50, 50), effectiveness=(0.5, 0.5))
OTHER = Control(
    name="other",
    at_start=0,
    running_costs=(10, 20),
    effectiveness=(0, 0.5),
    acts_on=frozenset({"outage"}),
    exchange_rate=2.0,
)
BOTH = Programme(losses=(OUTAGE, THEFT), controls=(HALF, OTHER), years=2)


def discounting(
    *, prices: tuple[float, ...] = (1, 1), factors: tuple[float, ...] = (0.9, 0.8)
) -> Discounting:
    horizon = Horizon(valuation_date=date(2026, 1, 1), years=2, timing="endOfYear")
    return Discounting(
        horizon=horizon, price_factors=np.array(prices), discount_factors=np.array(factors)
    )


def test_a_projection_by_hand() -> None:
    """Two losses, one in another currency and one growing; two controls, one on one loss alone."""
    first, second = project(BOTH, discounting()).years

    assert (first.loss_before, second.loss_before) == pytest.approx((1400, 1500))
    # 1,400 halved; then 1,100 halved twice and 400 halved once.
    assert (first.loss_after, second.loss_after) == pytest.approx((700, 475))
    assert (first.running_costs, second.running_costs) == (70, 90)
    assert (first.net_cash_flow, second.net_cash_flow) == pytest.approx((630, 935))
    assert first.cumulative_present_value == pytest.approx(-100 + 0.9 * 630)
    assert second.cumulative_present_value == pytest.approx(-100 + 0.9 * 630 + 0.8 * 935)


def test_all_together_are_appraised_by_the_same_flows() -> None:
    """The last year's cumulative present value is the net present value."""
    projected = project(BOTH, discounting())
    together = projected.together

    assert together.net_present_value == projected.years[-1].cumulative_present_value
    assert together.losses_before == pytest.approx(0.9 * 1400 + 0.8 * 1500)
    assert together.costs == pytest.approx(100 + 0.9 * 70 + 0.8 * 90)


def test_each_control_is_appraised_as_if_alone() -> None:
    """What a programme of it alone would give; together they save less than the sum."""
    projected = project(BOTH, discounting())
    savings = [each.losses_before - each.losses_after for each in projected.alone]

    for control, alone in zip(BOTH.controls, projected.alone, strict=True):
        assert project(replace(BOTH, controls=(control,)), discounting()).together == alone
    assert projected.together.losses_before - projected.together.losses_after < sum(savings)


def test_the_order_of_controls_is_nothing_to_the_whole() -> None:
    """Each acts on what the others leave."""
    turned = replace(BOTH, controls=(OTHER, HALF))

    together = project(turned, discounting()).together
    expected = project(BOTH, discounting()).together
    assert together.net_present_value == pytest.approx(expected.net_present_value)


def test_real_and_nominal_agree() -> None:
    """Fisher: nominal factors are real ones over the price index, and prices grow by it.

    The costs at the start are in the money of the valuation date either way.
    """
    index = (1.03, 1.08)
    real = project(BOTH, discounting(factors=(0.9, 0.8)))
    nominal = project(BOTH, discounting(prices=index, factors=(0.9 / 1.03, 0.8 / 1.08)))

    assert nominal.together.net_present_value == pytest.approx(real.together.net_present_value)
    assert nominal.years[1].loss_before == pytest.approx(1.08 * real.years[1].loss_before)


def test_without_controls_nothing_is_gained_or_spent() -> None:
    """The losses are there."""
    together = project(replace(BOTH, controls=()), discounting()).together

    assert together.losses_before == together.losses_after > 0
    assert (together.costs, together.net_present_value) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"growth_per_year": -1.0}, "growthPerYear"),
        ({"growth_per_year": 1.5}, "growthPerYear"),
        ({"growth_per_year": math.nan}, "growthPerYear"),
    ],
)
def test_a_loss_that_is_none_is_refused(changes: dict[str, object], field: str) -> None:
    """Growth is a share a year, and leaves something."""
    with pytest.raises(InvalidInput) as refusal:
        replace(OUTAGE, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at_start": -1.0}, "atStart"),
        ({"running_costs": (1.0, math.inf)}, "runningCosts"),
        ({"effectiveness": (0.5, 1.1)}, "effectiveness"),
        ({"effectiveness": (0.5, math.nan)}, "effectiveness"),
    ],
)
def test_a_control_that_is_none_is_refused(changes: dict[str, object], field: str) -> None:
    """Costs are not negative, and no more than all of a loss can be avoided."""
    with pytest.raises(InvalidInput) as refusal:
        replace(HALF, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"losses": (OUTAGE, OUTAGE)}, "losses.1.name"),
        ({"controls": (HALF, HALF)}, "controls.1.name"),
        ({"losses": (THEFT,)}, "controls.1.actsOn"),
        ({"years": 3}, "controls.0.runningCosts"),
    ],
)
def test_a_programme_that_is_none_is_refused(changes: dict[str, object], field: str) -> None:
    """Names are unique and known, and there is a value for each year."""
    with pytest.raises(InvalidInput) as refusal:
        replace(BOTH, **changes)  # type: ignore[arg-type]
    assert refusal.value.field == field
