"""The expected loss under controls against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.controls.control import (
    Action,
    Addition,
    Control,
    Effect,
    Reduction,
    Replacement,
    check_controls,
)
from engines.prism.controls.effect_draws import drawn_effects, mean_effects
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.distributions import Constant, Distribution, Empirical, Lognormal, Pert, Uniform
from engines.prism.fair_node import FairNode
from engines.prism.scenario import LossForm, Scenario, SecondaryLoss
from tests.engines.prism.controls.portfolios import (
    CONTROLS,
    FULL,
    contested,
    control,
    reduces,
    simple,
)

NODE = FairNode.LOSS_EVENT_FREQUENCY


def expected(scenario: Scenario, *controls: Control, drawn: bool = False) -> ExpectedLoss:
    check_controls({str(i): c for i, c in enumerate(controls)}, {"only": scenario})
    draw = drawn_effects if drawn else mean_effects
    return ExpectedLoss(scenarios={"only": scenario}, controls=controls, effects=draw(controls, 1))


def after(scenario: Scenario, *controls: Control) -> float:
    return expected(scenario, *controls).mean(range(len(controls)))


TWO_OF_100 = simple(frequency=Constant(2), loss=Uniform(0, 200))


def test_no_control_changes_nothing() -> None:
    """Frequency times vulnerability times loss, primary and secondary."""
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Uniform(1, 3)},
        primary_losses={LossForm.PRODUCTIVITY: Constant(60), LossForm.RESPONSE: Constant(40)},
        secondary_loss=SecondaryLoss(
            probability=Constant(0.25), losses={LossForm.TOTAL: Constant(400)}
        ),
    )

    assert after(scenario, reduces(NODE, 0)) == pytest.approx(400)


@pytest.mark.parametrize(
    ("node", "left"),
    [
        (FairNode.LOSS_EVENT_FREQUENCY, 0.5),
        (FairNode.PRIMARY_LOSS, 0.7),
        (FairNode.PRIMARY_PRODUCTIVITY, 1 - 0.5 * 60 / 250),
        (FairNode.SECONDARY_PROBABILITY, 0.8),
        (FairNode.SECONDARY_LOSS, 0.8),
        (FairNode.SECONDARY_FINES_AND_JUDGEMENTS, 1 - 0.5 * 25 / 250),
    ],
)
def test_halving_a_node(node: FairNode, left: float) -> None:
    """Of 150 primary and 100 secondary loss, what hangs on the node goes by half."""
    scenario = Scenario(
        frequencies={"lossEventFrequencyPerYear": Constant(1)},
        primary_losses={LossForm.PRODUCTIVITY: Constant(60), LossForm.RESPONSE: Constant(90)},
        secondary_loss=SecondaryLoss(
            probability=Constant(0.25),
            losses={
                LossForm.FINES_AND_JUDGEMENTS: Constant(100),
                LossForm.REPUTATION: Constant(300),
            },
        ),
    )

    assert after(scenario, reduces(node, 0.5)) == pytest.approx(250 * left)


def test_reductions_of_one_node_multiply() -> None:
    """0.7 times 0.6 of 200; a third control elsewhere multiplies too."""
    controls = reduces(NODE, 0.3), reduces(NODE, 0.4), reduces(FairNode.PRIMARY_LOSS, 0.5)

    assert after(TWO_OF_100, *controls[:2]) == pytest.approx(84)
    assert after(TWO_OF_100, *controls) == pytest.approx(42)


def test_coverage_and_reliability_weaken() -> None:
    """Half covered, working 80% of the time: 0.4 of the 50% is left."""
    effect = Reduction(share=Constant(0.5), coverage=Constant(0.5), reliability=Constant(0.8))

    assert after(TWO_OF_100, control(NODE, effect)) == pytest.approx(160)


def test_a_replacement_undoes_what_came_before() -> None:
    """Reductions of the leaf apply to what it is replaced by only if they come later."""
    replaced = control(NODE, Replacement(Constant(1)))

    assert after(TWO_OF_100, reduces(NODE, 0.5), replaced) == pytest.approx(100)
    assert after(TWO_OF_100, replaced, reduces(NODE, 0.5)) == pytest.approx(50)


@pytest.mark.parametrize(
    ("node", "effect", "probability"),
    [
        (FairNode.RESISTANCE_STRENGTH, Addition(Constant(0.2)), 0.8**2 / 2),
        (FairNode.THREAT_CAPABILITY, Addition(Constant(0.2), sign=-1), 0.8**2 / 2),
        (FairNode.THREAT_CAPABILITY, Reduction(share=Constant(0.4)), 0.6 / 2),
        (FairNode.RESISTANCE_STRENGTH, Reduction(share=Constant(0.5)), 0.75),
        (FairNode.RESISTANCE_STRENGTH, Reduction(share=Constant(1)), 1.0),
        (FairNode.RESISTANCE_STRENGTH, Addition(Constant(1)), 0.0),
        (FairNode.RESISTANCE_STRENGTH, Addition(Uniform(0, 0.6)), (1 - 0.4**3) / 3.6),
        (FairNode.RESISTANCE_STRENGTH, Replacement(Constant(0.75)), 0.25),
        (FairNode.VULNERABILITY, Reduction(share=Constant(0.5)), 0.25),
        (FairNode.THREAT_EVENT_FREQUENCY, Reduction(share=Uniform(0, 1)), 0.25),
    ],
)
def test_a_contest_of_uniforms(node: FairNode, effect: Effect, probability: float) -> None:
    """Of T, R uniform: P(T > R + s) = (1 - s)^2 / 2, P(a T > R) = a / 2, P(T > R / 2) = 3/4."""
    scenario = contested(Uniform(0, 1), Uniform(0, 1))

    assert after(scenario, control(node, effect)) == pytest.approx(1000 * probability, abs=0.02)


@pytest.mark.parametrize(
    ("capability", "resistance", "probability"),
    [
        (Uniform(0, 1), Empirical((0.2, 0.6)), 0.5),
        (Empirical((0.2, 0.6)), Uniform(0, 1), 0.3),
        (Empirical((0.3, 0.6)), Empirical((0.2, 0.55)), 0.25),
        (Constant(0.6), Constant(0.5), 0.0),
    ],
)
def test_a_contest_of_atoms_is_counted_out(
    capability: Distribution, resistance: Distribution, probability: float
) -> None:
    """With a strength raised by 0.1, and no success where the two are equal."""
    raised = control(FairNode.RESISTANCE_STRENGTH, Addition(Constant(0.1)))

    assert after(contested(capability, resistance), raised) == pytest.approx(
        1000 * probability, abs=0.01
    )


def test_two_actions_on_a_contest_follow_their_order() -> None:
    """0.5 (T + 0.2) > R, or 0.5 T + 0.2 > R: 0.35 or 0.45 with T and R uniform."""
    add = Action(
        node=FairNode.THREAT_CAPABILITY, scenarios=("only",), effect=Addition(Constant(0.2))
    )
    halve = Action(
        node=FairNode.THREAT_CAPABILITY,
        scenarios=("only",),
        effect=Reduction(share=Constant(0.5)),
    )
    scenario = contested(Uniform(0, 1), Uniform(0, 1))

    assert after(scenario, Control(actions=(add, halve))) == pytest.approx(350, abs=0.01)
    assert after(scenario, Control(actions=(halve, add))) == pytest.approx(450, abs=0.01)


@pytest.mark.parametrize("heavy", [Lognormal(0, 1), Pert(0, 1, 9)])
def test_a_contest_of_curves_is_a_double_integral(heavy: Distribution) -> None:
    """Against the mean over a million pairs of even points."""
    scenario = contested(heavy, Lognormal(0.2, 0.5))
    u = (np.arange(1000) + 0.5) / 1000
    capability, resistance = heavy.quantile(u), Lognormal(0.2, 0.5).quantile(u)
    exact = np.mean(capability[:, None] * 0.8 > resistance + 0.3)
    controls = (
        control(FairNode.THREAT_CAPABILITY, Reduction(share=Constant(0.2))),
        control(FairNode.RESISTANCE_STRENGTH, Addition(Constant(0.3))),
    )

    assert after(scenario, *controls) == pytest.approx(1000 * exact, abs=0.5)


def test_draws_scatter_around_the_mean() -> None:
    """The mean of the conditional expectations is the expectation, for every choice: within five
    standard errors of how effects, spread by 10% of what is left, meet in 2048 draws."""
    mean, drawn = (expected(FULL, *CONTROLS, drawn=drawn) for drawn in (False, True))

    for chosen in ((), (0,), (1,), (2,), (3,), (0, 1), (0, 1, 2, 3)):
        draws = drawn.given_effects(chosen)
        assert draws.mean() == pytest.approx(mean.mean(chosen), rel=1.2e-3)


def test_a_control_of_several_scenarios_has_one_effect() -> None:
    """Where it works badly in one it does in the other: the sum spreads as twice the one."""
    both = control(NODE, Reduction(share=Uniform(0, 1)), scenarios=("a", "b"))
    answer = ExpectedLoss(
        scenarios={"a": TWO_OF_100, "b": TWO_OF_100},
        controls=(both,),
        effects=drawn_effects((both,), 1),
    )

    assert answer.given_effects((0,)).std() == pytest.approx(400 / np.sqrt(12), rel=1e-3)


@pytest.mark.parametrize(
    ("node", "effect", "field"),
    [
        (FairNode.VULNERABILITY, Reduction(share=Constant(0.1)), "controls.0.actions.0.node"),
        (FairNode.SECONDARY_LOSS, Reduction(share=Constant(0.1)), "controls.0.actions.0.node"),
        (FairNode.PRIMARY_RESPONSE, Reduction(share=Constant(0.1)), "controls.0.actions.0.node"),
        (NODE, Addition(Constant(0.1)), "controls.0.actions.0.node"),
        (FairNode.CONTACT_FREQUENCY, Replacement(Constant(1)), "controls.0.actions.0.node"),
    ],
)
def test_a_control_acts_where_there_is_something(
    node: FairNode, effect: Effect, field: str
) -> None:
    """What the scenario was not given cannot be changed, and the path says where that was tried."""
    with pytest.raises(InvalidInput, match=r"node of only that|: only has no node") as refusal:
        after(TWO_OF_100, control(node, effect))
    assert refusal.value.field == field


def test_what_replaces_must_be_possible_there() -> None:
    """A probability of two is refused by the scenario itself."""
    with pytest.raises(InvalidInput, match="probability") as refusal:
        after(FULL, control(FairNode.PROBABILITY_OF_ACTION, Replacement(Constant(2))))
    assert refusal.value.field == "controls.0.actions.0.effect.by"


def test_a_scenario_nobody_knows_is_refused() -> None:
    """With those that are known."""
    with pytest.raises(InvalidInput, match="one of only") as refusal:
        after(FULL, control(NODE, Reduction(share=Constant(0.1)), scenarios=("other",)))
    assert refusal.value.field == "controls.0.actions.0.scenarios.0"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Reduction(share=Constant(1.1)), "share"),
        (lambda: Reduction(share=Constant(1), coverage=Uniform(0, 2)), "coverage"),
        (lambda: Control(actions=(), amortisation_years=0), "amortisation_years"),
    ],
)
def test_impossible_controls_are_refused(make: object, field: str) -> None:
    """By the name of what is impossible."""
    with pytest.raises(InvalidInput) as refusal:
        make()  # type: ignore[operator]
    assert refusal.value.field == field


@pytest.mark.parametrize("count", [0, 51])
def test_controls_are_from_1_to_50(count: int) -> None:
    """More are refused before anything is computed."""
    with pytest.raises(InvalidInput, match="from 1 to 50 controls"):
        check_controls({str(i): CONTROLS[1] for i in range(count)}, {"only": FULL})
