"""The ranking against brute force, and against choices made to mislead it."""

from __future__ import annotations

import itertools

import pytest

from engines.errors import Stopped
from engines.prism.controls.control import Control, Reduction
from engines.prism.controls.control_ranking import ControlRanking, Search, rank_controls
from engines.prism.controls.effect_draws import mean_effects
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.distributions import Constant
from engines.prism.fair_node import FairNode
from engines.prism.scenario import Scenario
from engines.progress import unreported
from tests.engines.prism.controls.portfolios import CONTROLS, FULL, control, reduces, simple

NODE = FairNode.LOSS_EVENT_FREQUENCY
THOUSAND = simple(frequency=Constant(10), loss=Constant(100))
APART = dict.fromkeys("abc", THOUSAND)


def expected(scenarios: dict[str, Scenario], *controls: Control) -> ExpectedLoss:
    return ExpectedLoss(scenarios=scenarios, controls=controls, effects=mean_effects(controls, 1))


def ranked(answer: ExpectedLoss, budget: float | None = None) -> ControlRanking:
    return rank_controls(answer, budget=budget, progress=unreported)


def in_scenario(name: str, share: float, cost: float) -> Control:
    return control(NODE, Reduction(share=Constant(share)), cost=cost, scenarios=(name,))


KNAPSACK = (
    in_scenario("a", 0.6, 60),
    in_scenario("b", 0.45, 50),
    in_scenario("c", 0.45, 50),
)
"""600 for 60 is the best return; but 900 for 100 is the best that 100 can buy."""


def test_a_budget_is_spent_as_well_as_can_be() -> None:
    """The best return first would leave money that buys nothing."""
    answer = ranked(expected(APART, *KNAPSACK), budget=100)

    assert answer.search is Search.ENUMERATION
    assert answer.best.controls == (1, 2)
    assert (answer.best.cost, answer.best.loss_after) == (100, pytest.approx(2100))
    assert [step.control for step in answer.steps] == [0, 1, 2]
    assert [step.cumulated_cost for step in answer.steps] == [60, 110, 160]
    assert answer.steps[0].marginal_rosi == pytest.approx(9)


def test_a_budget_of_nothing_buys_nothing() -> None:
    """But what is free is taken."""
    free = in_scenario("c", 0.1, 0)

    assert ranked(expected(APART, *KNAPSACK), budget=0).best.controls == ()
    assert ranked(expected(APART, *KNAPSACK, free), budget=0).best.controls == (3,)


def test_without_a_budget_what_does_not_pay_is_left() -> None:
    """The second control on a node saves less than the first: here less than it costs."""
    both = reduces(NODE, 0.8, cost=700), reduces(NODE, 0.7, cost=600)
    answer = ranked(expected({"only": THOUSAND}, *both))

    assert answer.best.controls == (1,)
    assert [step.control for step in answer.steps] == [1, 0]
    assert answer.steps[1].marginal_reduction == pytest.approx(240)
    assert answer.steps[1].marginal_rosi == pytest.approx((240 - 700) / 700)


def test_enumeration_is_brute_force() -> None:
    """Over all sixteen combinations, contest and replacement included, for several budgets."""
    answer = expected({"only": FULL}, *CONTROLS)
    costs = [each.mean_cost_per_year for each in CONTROLS]
    for budget in (0, 3e4, 6e4, 1e5, 2e5):
        subsets = [
            subset
            for size in range(5)
            for subset in itertools.combinations(range(4), size)
            if sum(costs[k] for k in subset) <= budget
        ]
        best = min(subsets, key=answer.mean)

        assert ranked(answer, budget).best.controls == best


def test_the_frontier_is_efficient() -> None:
    """Dearer choices leave less, and no combination beats any of them on both."""
    answer = expected({"only": FULL}, *CONTROLS)
    frontier = ranked(answer).frontier
    costs = [each.mean_cost_per_year for each in CONTROLS]

    assert frontier[0].controls == ()
    assert frontier[-1].controls == (0, 1, 2, 3)
    for cheap, dear in itertools.pairwise(frontier):
        assert cheap.cost < dear.cost
        assert cheap.loss_after > dear.loss_after
    for size in range(5):
        for subset in itertools.combinations(range(4), size):
            cost, loss = sum(costs[k] for k in subset), answer.mean(subset)
            assert any(
                each.cost <= cost + 1e-6 and each.loss_after <= loss + 1e-6 for each in frontier
            )


def test_many_controls_are_chosen_greedily() -> None:
    """Beyond fifteen the result says so, keeps to the budget, and takes the best returns."""
    controls = [in_scenario("abc"[k % 3], 0.02 + 0.01 * k, 10) for k in range(20)]
    answer = ranked(expected(APART, *controls), budget=55)

    assert answer.search is Search.GREEDY
    assert answer.best.controls == (15, 16, 17, 18, 19)
    assert len(answer.steps) == 20
    assert [len(choice.controls) for choice in answer.frontier] == [0, 1, 2, 3, 4, 5]


def test_greedy_without_a_budget_stops_where_it_does_not_pay() -> None:
    """The last one would cost more than it saves."""
    controls = [reduces(NODE, 0.1, cost=50) for _ in range(16)]
    answer = ranked(expected({"only": THOUSAND}, *controls))

    # 1000 x 0.9^k x 0.1 falls to 50 and less from the eighth on: 0.9^7 = 0.478.
    assert len(answer.best.controls) == 7


def test_progress_stops_it() -> None:
    """What the callback raises is let through."""

    def stop(fraction: float, message: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        rank_controls(expected(APART, *KNAPSACK), budget=None, progress=stop)
