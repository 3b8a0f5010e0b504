"""Simulated present values against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import Constant, Lognormal
from engines.prism.financial_impact.horizon import Horizon
from engines.prism.financial_impact.npv_distribution import (
    NpvDistribution,
    check_draws,
    simulate,
)
from engines.prism.financial_impact.programme import AnnualLoss, Control, Programme
from engines.prism.financial_impact.projection import Discounting, project
from engines.progress import Progress, unreported

YEARS = 4
FACTORS = np.array([0.95, 0.9, 0.85, 0.8])
DISCOUNTING = Discounting(
    horizon=Horizon(valuation_date=date(2026, 1, 1), years=YEARS, timing="endOfYear"),
    price_factors=np.ones(YEARS),
    discount_factors=FACTORS,
)
LOSS = AnnualLoss(name="outage", distribution=Lognormal(math.log(100), 1.0))
CONTROL = Control(
    name="control", at_start=150, running_costs=(20,) * YEARS, effectiveness=(0.5,) * YEARS
)
PLAN = Programme(losses=(LOSS,), controls=(CONTROL,), years=YEARS)


def run(
    plan: Programme = PLAN,
    *,
    trials: int = 100_000,
    seed: int = 1,
    autocorrelation: float = 0,
    percents: tuple[float, ...] = (5, 50, 95),
    progress: Progress = unreported,
) -> NpvDistribution:
    return simulate(
        plan,
        DISCOUNTING,
        trials=trials,
        seed=seed,
        autocorrelation=autocorrelation,
        percents=percents,
        progress=progress,
    )


def standard_error(estimate: Estimate) -> float:
    assert estimate.upper is not None
    return (estimate.upper - estimate.value) / 1.96


@pytest.mark.parametrize("autocorrelation", [-0.5, 0.0, 0.7])
def test_means_are_those_of_the_projection(autocorrelation: float) -> None:
    """Within five standard errors, whatever joins the years."""
    expected = project(PLAN, DISCOUNTING).together
    answer = run(autocorrelation=autocorrelation)

    for mean, projected in (
        (answer.losses_before.mean, expected.losses_before),
        (answer.losses_after.mean, expected.losses_after),
        (answer.net_present_value.mean, expected.net_present_value),
    ):
        assert abs(mean.value - projected) < 5 * standard_error(mean)


@pytest.mark.parametrize("autocorrelation", [-0.5, 0.0, 0.7])
def test_the_spread_is_that_of_joined_lognormal_years(autocorrelation: float) -> None:
    """Lognormals whose normals correlate at c correlate at (exp(s^2 c) - 1) / (exp(s^2) - 1).

    The moment generating function of a normal gives it; here of a loss with s = 0.5.
    """
    sigma = 0.5
    mild = replace(PLAN, losses=(replace(LOSS, distribution=Lognormal(math.log(100), sigma)),))
    lags = np.abs(np.subtract.outer(np.arange(YEARS), np.arange(YEARS)))
    mean = 100 * math.exp(sigma**2 / 2)
    covariance = mean**2 * (np.exp(sigma**2 * float(autocorrelation) ** lags) - 1)
    expected = math.sqrt(FACTORS @ covariance @ FACTORS)

    answer = run(mild, autocorrelation=autocorrelation).losses_before
    # The standard error of a deviation is about (kurtosis - 1)^(1/2) / (2 sqrt(n)) of it.
    assert answer.standard_deviation == pytest.approx(expected, rel=5 * 1.5 / math.sqrt(100_000))


def test_a_single_year_has_the_percentiles_of_its_distribution() -> None:
    """Inside the limits of the order statistics."""
    discounting = replace(
        DISCOUNTING,
        horizon=replace(DISCOUNTING.horizon, years=1),
        price_factors=np.ones(1),
        discount_factors=np.ones(1),
    )
    plan = Programme(losses=(LOSS,), controls=(), years=1)
    answer = simulate(
        plan, discounting, trials=50_000, seed=3, autocorrelation=0, percents=(5, 50, 95)
    ).losses_before

    expected = LOSS.distribution.quantile(np.array([0.05, 0.5, 0.95]))
    for estimate, quantile in zip(answer.percentiles, expected, strict=True):
        assert estimate.lower is not None
        assert estimate.upper is not None
        assert estimate.lower < quantile < estimate.upper


def test_what_is_known_has_no_spread() -> None:
    """Constant losses come out as projected, every time."""
    plan = replace(PLAN, losses=(replace(LOSS, distribution=Constant(400.0)),))
    answer = run(plan, trials=1000).net_present_value

    expected = project(plan, DISCOUNTING).together.net_present_value
    assert answer.mean.value == pytest.approx(expected)
    assert answer.standard_deviation == pytest.approx(0, abs=1e-9)
    assert [each.value for each in answer.percentiles] == pytest.approx([expected] * 3)


def test_gains_are_counted() -> None:
    """Never with a control that avoids nothing, always with one that is free."""
    useless = replace(CONTROL, effectiveness=(0.0,) * YEARS)
    free = replace(CONTROL, at_start=0, running_costs=(0.0,) * YEARS)

    assert run(replace(PLAN, controls=(useless,)), trials=1000).probability_of_gain.value == 0
    assert run(replace(PLAN, controls=(free,)), trials=1000).probability_of_gain.value == 1
    assert 0.1 < run(trials=1000).probability_of_gain.value < 0.9


def test_the_same_seed_gives_the_same_numbers() -> None:
    """Another gives others."""
    assert run(trials=20_000) == run(trials=20_000)
    assert run(trials=20_000) != run(trials=20_000, seed=2)


def test_more_trials_add_to_the_same_ones() -> None:
    """The first block is the same whatever follows: its largest loss is among those of more."""
    (one,) = run(trials=16_384, percents=(99.999,)).losses_before.percentiles
    top_four = run(trials=20_000, percents=(99.985, 99.99, 99.995, 99.9999)).losses_before

    assert one.value in [each.value for each in top_four.percentiles]


def test_a_loss_more_leaves_the_draws_of_the_others_alone() -> None:
    """A constant loss moves every percentile by itself."""
    fixed = AnnualLoss(name="fine", distribution=Constant(10.0))
    one = run(trials=30_000).losses_before.percentiles
    two = run(replace(PLAN, losses=(LOSS, fixed)), trials=30_000).losses_before.percentiles

    moved = [each.value + 10 * FACTORS.sum() for each in one]
    assert [each.value for each in two] == pytest.approx(moved)


def test_a_simulation_can_be_stopped() -> None:
    """It asks in every block."""
    seen: list[float] = []

    def watch(fraction: float, message: str = "") -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        run(progress=watch)
    assert seen == sorted(seen)
    assert len(seen) == 2 * YEARS + 1


def test_what_would_take_too_long_is_refused() -> None:
    """By the number of draws in all."""
    check_draws(trials=1_000_000, losses=4, years=5)
    with pytest.raises(InvalidInput) as refusal:
        check_draws(trials=1_000_000, losses=5, years=5)
    assert refusal.value.field == "simulation.trials"
