"""ROSI against printed examples and the closed form of its interval."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from engines.prism.annual_loss_answers import Estimate
from engines.prism.controls.control import Control, Reduction
from engines.prism.controls.effect_draws import drawn_costs_per_year, drawn_effects, mean_effects
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.controls.return_on_investment import ReturnOnInvestment, return_on_investment
from engines.prism.distributions import Constant, Uniform
from engines.prism.fair_node import FairNode
from engines.prism.scenario import Scenario
from tests.engines.prism.controls.portfolios import CONTROLS, FULL, control, simple

PRINTED = Path(__file__).parents[3] / "reference" / "prism" / "return_on_security_investment.csv"
NODE = FairNode.LOSS_EVENT_FREQUENCY


def judged(scenario: Scenario, *controls: Control, seed: int = 1) -> ReturnOnInvestment:
    scenarios = {"only": scenario}
    mean, drawn = (
        ExpectedLoss(scenarios=scenarios, controls=controls, effects=effects(controls, seed))
        for effects in (mean_effects, drawn_effects)
    )
    costs = drawn_costs_per_year(controls, seed)
    chosen = range(len(controls))
    before = drawn.given_effects(())
    return return_on_investment(
        chosen, controls=controls, mean=mean, before=before, drawn=drawn, costs=costs
    )


@pytest.mark.parametrize("row", list(csv.DictReader(PRINTED.open())), ids=lambda row: row["rosi"])
def test_printed_examples(row: dict[str, str]) -> None:
    """To the digits printed, and without uncertainty the interval has no width."""
    scenario = simple(
        frequency=Constant(float(row["events_per_year"])),
        loss=Constant(float(row["loss_per_event"])),
    )
    share = Reduction(share=Constant(float(row["mitigated"])))
    answer = judged(scenario, control(NODE, share, cost=float(row["cost_per_year"])))

    assert answer.rosi == Estimate(*(pytest.approx(float(row["rosi"]), abs=0.005),) * 3)
    assert answer.probability_of_paying == 1


def test_the_interval_is_that_of_effect_and_cost() -> None:
    """A share uniform over 0.2 to 0.6 of 1000 saves 210 to 590 in 95% of cases; it pays for its
    cost of 300 in three quarters of them."""
    scenario = simple(frequency=Constant(10), loss=Uniform(0, 200))
    answer = judged(scenario, control(NODE, Reduction(share=Uniform(0.2, 0.6)), cost=300))

    assert answer.reduction.value == pytest.approx(400)
    assert (answer.reduction.lower, answer.reduction.upper) == pytest.approx((210, 590), abs=0.5)
    assert answer.loss_after.value == pytest.approx(600)
    assert answer.rosi is not None
    assert answer.rosi.value == pytest.approx(1 / 3)
    assert (answer.rosi.lower, answer.rosi.upper) == pytest.approx((-0.3, 29 / 30), abs=2e-3)
    assert answer.probability_of_paying == pytest.approx(0.75, abs=1e-3)


def test_one_off_costs_are_spread() -> None:
    """1000 a year and 6000 over four years are 2500 a year, within what the draws allow."""
    bought = Control(
        actions=control(NODE, Reduction(share=Constant(0.1))).actions,
        annual_cost=Constant(1000),
        one_off_cost=Uniform(4000, 8000),
        amortisation_years=4,
    )
    cost = judged(simple(frequency=Constant(1), loss=Constant(1e6)), bought).cost

    assert cost.value == 2500
    assert (cost.lower, cost.upper) == pytest.approx((2025, 2975), abs=1)


def test_what_costs_nothing_has_no_rosi() -> None:
    """There is nothing to divide by; that it pays is still true."""
    free = control(NODE, Reduction(share=Constant(0.1)), cost=0)
    answer = judged(simple(frequency=Constant(1), loss=Constant(100)), free)

    assert answer.rosi is None
    assert answer.probability_of_paying == 1


def test_the_same_seed_gives_the_same_bits() -> None:
    """And another one an interval nearly the same."""
    one, other = judged(FULL, *CONTROLS), judged(FULL, *CONTROLS, seed=2)

    assert one == judged(FULL, *CONTROLS)
    assert one.reduction.lower != other.reduction.lower
    assert one.reduction.lower == pytest.approx(other.reduction.lower, rel=0.02)
