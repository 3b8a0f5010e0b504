"""Scenarios side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engines.prism.distributions import Constant, Distribution, Lognormal
from engines.prism.drivers.scenario_comparison import ComparedScenario, compare_scenarios
from engines.prism.scenario import AnnualLossModel, LossForm, Scenario
from engines.progress import unreported


def scenario(rate: float, loss: Distribution) -> Scenario:
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": Constant(rate)},
        primary_losses={LossForm.TOTAL: loss},
    )


def compared(**scenarios: Scenario) -> dict[str, ComparedScenario]:
    return compare_scenarios(scenarios, seed=1, progress=unreported)


BASE = scenario(2, Lognormal(10, 1))


def test_more_of_the_same_dominates() -> None:
    """More events, or dearer ones: whatever amount one asks about, it is exceeded more often."""
    answer = compared(
        base=BASE, often=scenario(3, Lognormal(10, 1)), dear=scenario(2, Lognormal(10.5, 1))
    )

    assert answer["base"].dominated == ()
    assert "base" in answer["often"].dominated
    assert "base" in answer["dear"].dominated


def test_rare_and_dear_against_frequent_and_cheap_is_undecided() -> None:
    """Their curves cross: which is worse depends on the amount."""
    answer = compared(rare=scenario(0.1, Lognormal(14, 1)), frequent=scenario(5, Constant(1000)))

    assert answer["rare"].dominated == answer["frequent"].dominated == ()


def test_equals_do_not_dominate_each_other() -> None:
    """Nor does one dominate itself."""
    answer = compared(one=BASE, other=BASE)

    assert answer["one"].dominated == answer["other"].dominated == ()


def test_shares_are_of_the_expected_loss() -> None:
    """2000 and 6000; and nobody has a share of nothing."""
    answer = compared(one=scenario(2, Constant(1000)), other=scenario(3, Constant(2000)))

    assert (answer["one"].share, answer["other"].share) == pytest.approx((0.25, 0.75))
    assert compared(never=scenario(0, Constant(1)))["never"].share is None


def test_a_product_form_is_compared_too() -> None:
    """Frequency times magnitude has the mean of the compound year, and a thinner tail."""
    answer = compared(compound=BASE, product=replace(BASE, annual_loss=AnnualLossModel.PRODUCT))
    compound, product = answer["compound"], answer["product"]

    assert product.share == pytest.approx(0.5)
    assert product.losses.mean().value == pytest.approx(compound.losses.mean().value, rel=1e-3)
    assert product.losses.probability_of_loss().value == 1
    assert compound.losses.probability_of_loss().value < 0.9
