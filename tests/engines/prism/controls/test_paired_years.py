"""Paired years: each choice by itself is right, and together they differ by the controls only."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.controls.control import Control, Reduction, Replacement
from engines.prism.controls.effect_draws import drawn_effects
from engines.prism.controls.expected_loss import ExpectedLoss
from engines.prism.controls.paired_years import PairedYears, simulate_pairs
from engines.prism.distributions import Constant, Empirical, Lognormal, Pert, Uniform
from engines.prism.fair_node import FairNode
from engines.prism.scenario import (
    AnnualLossModel,
    BernoulliCount,
    NegativeBinomialCount,
    Scenario,
    Vulnerability,
    VulnerabilityScope,
)
from engines.progress import unreported
from tests.engines.prism.controls.portfolios import (
    CONTROLS,
    FULL,
    contested,
    control,
    reduces,
    simple,
)

NODE = FairNode.LOSS_EVENT_FREQUENCY
CHOICES = ((), (0,), (1,), (2,), (3,), (0, 1, 2, 3))


def expected(controls: tuple[Control, ...], **scenarios: Scenario) -> ExpectedLoss:
    effects = drawn_effects(controls, 1)
    return ExpectedLoss(scenarios=scenarios, controls=controls, effects=effects)


def pairs(
    of: ExpectedLoss, *choices: tuple[int, ...], trials: int = 1 << 16, seed: int = 1
) -> tuple[PairedYears, ...]:
    return simulate_pairs(of, choices, trials=trials, seed=seed, progress=unreported)


def standard_deviation(years: PairedYears) -> float:
    tally = years.losses
    square = float(tally.counts @ tally.means**2) / tally.trials
    return math.sqrt(square - tally.mean**2)


SCALED = (
    replace(FULL.vulnerability, scope=VulnerabilityScope.PER_YEAR) if FULL.vulnerability else None
)


@pytest.mark.parametrize(
    "scenario",
    [
        FULL,
        replace(FULL, count=NegativeBinomialCount(0.7)),
        replace(FULL, vulnerability=SCALED),
        replace(FULL, annual_loss=AnnualLossModel.PRODUCT),
        replace(FULL, annual_loss=AnnualLossModel.PRODUCT, vulnerability=SCALED),
    ],
    ids=["poisson", "negative binomial", "yearly", "product", "yearly product"],
)
def test_every_choice_has_its_exact_mean(scenario: Scenario) -> None:
    """Within five standard errors, for each control alone and all together."""
    answer = expected(CONTROLS, only=scenario)
    for chosen, years in zip(CHOICES, pairs(answer, *CHOICES), strict=True):
        exact = float(answer.given_effects(chosen).mean())
        error = standard_deviation(years) / math.sqrt(1 << 16)

        assert abs(years.losses.mean - exact) < 5 * error


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_thinned_years_have_the_variance_of_the_lower_rate(share: float) -> None:
    """Var S = rate E X^2 for a compound Poisson year, and (1 - share) of it after a reduction;
    within five standard errors, from the kurtosis 3 + E X^4 / (rate (E X^2)^2)."""
    scenario = simple(frequency=Constant(3), loss=Uniform(0, 1))
    _, years = pairs(expected((reduces(NODE, share),), only=scenario), (), (0,), trials=1 << 18)

    rate = 3 * (1 - share)
    kurtosis = 3 + (1 / 5) / (rate / 9) if rate else 3
    error = rate / 3 * math.sqrt((kurtosis - 1) / (1 << 18))
    assert abs(standard_deviation(years) ** 2 - rate / 3) <= 5 * error


def test_a_bernoulli_year_keeps_one_event_at_most() -> None:
    """A frequency of 0.5 halved: a quarter of the years have the one loss there is."""
    scenario = simple(frequency=Constant(0.5), loss=Constant(8), count=BernoulliCount())
    _, years = pairs(expected((reduces(NODE, 0.5),), only=scenario), (), (0,))

    assert years.losses.largest == 8
    assert abs(years.losses.mean / 8 - 0.25) < 5 * math.sqrt(0.25 * 0.75 / (1 << 16))


def test_reductions_never_cost_a_year_more() -> None:
    """Events are a subset and losses are scaled down, so the smallest saving is none at all; and
    the pair's interval is far shorter than that of two sets of years."""
    reductions = (CONTROLS[1], CONTROLS[3])
    before, after = pairs(expected(reductions, only=FULL), (), (0, 1))
    reduction = after.mean_reduction

    assert reduction.lower is not None
    assert reduction.value == pytest.approx(before.losses.mean - after.losses.mean, rel=1e-6)
    unpaired = math.hypot(standard_deviation(before), standard_deviation(after))
    assert reduction.value - reduction.lower < 0.7 * 1.96 * unpaired / math.sqrt(1 << 16)


def test_doing_nothing_is_the_same_years() -> None:
    """A control without effect leaves every year as it was, to the last bit."""
    before, after = pairs(expected((reduces(NODE, 0.0),), only=simple(
        frequency=Pert(0, 1, 5), loss=Lognormal(9, 2))), (), (0,))  # fmt: skip

    assert np.array_equal(before.losses.residuals, after.losses.residuals)
    assert (after.mean_reduction.lower, after.mean_reduction.upper) == (0, 0)


def test_a_year_shares_one_effect_among_its_scenarios() -> None:
    """A control that works or does not, all or nothing: with both scenarios' events certain, a
    year costs 2 or 0, never 1."""
    gamble = control(NODE, Reduction(share=Empirical((0.0, 1.0))), scenarios=("a", "b"))
    certain = simple(frequency=Constant(1), loss=Constant(1), count=BernoulliCount())
    _, years = pairs(expected((gamble,), a=certain, b=certain), (), (0,), trials=4096)

    means = years.losses.means
    assert means == pytest.approx([0, 2])


def test_a_replacement_that_makes_things_worse_is_right_too() -> None:
    """The rate goes up: the years without the control are then the thinned ones."""
    worse = control(NODE, Replacement(Constant(6)))
    scenario = simple(frequency=Constant(2), loss=Constant(1))
    before, after = pairs(expected((worse,), only=scenario), (), (0,))

    assert abs(before.losses.mean - 2) < 5 * math.sqrt(2 / (1 << 16))
    assert abs(after.losses.mean - 6) < 5 * math.sqrt(6 / (1 << 16))
    assert after.mean_reduction.value < -3.9


def test_a_contest_each_year_is_all_or_nothing() -> None:
    """Capability and strength uniform: half of the years see all their events, a control that
    raises the strength by 0.2 leaves 32% of them."""
    scenario = contested(Uniform(0, 1), Uniform(0, 1), VulnerabilityScope.PER_YEAR)
    raised = control(FairNode.RESISTANCE_STRENGTH, Replacement(Uniform(0.2, 1.2)))
    before, after = pairs(expected((raised,), only=scenario), (), (0,))

    for years, share in ((before, 0.5), (after, 0.32)):
        spared = int(years.losses.counts[years.losses.cells == 0].sum()) / (1 << 16)
        exact = 1 - share * (1 - math.exp(-10))
        assert abs(spared - exact) < 5 * math.sqrt(share * (1 - share) / (1 << 16))


def test_a_yearly_vulnerability_is_scaled() -> None:
    """The mean of a uniform vulnerability, halved."""
    scenario = Scenario(
        frequencies={"threatEventFrequencyPerYear": Constant(4)},
        vulnerability=Vulnerability(of=Uniform(0, 1), scope=VulnerabilityScope.PER_YEAR),
        primary_losses=simple(frequency=Constant(1), loss=Constant(1)).primary_losses,
    )
    _, after = pairs(expected((reduces(FairNode.VULNERABILITY, 0.5),), only=scenario), (), (0,))

    # Var = rate x 1/4 + rate^2 / 4 x 1/12, at a rate of 4.
    assert abs(after.losses.mean - 1) < 5 * math.sqrt((1 + 1 / 3) / (1 << 16))
    assert standard_deviation(after) == pytest.approx(math.sqrt(4 / 3), rel=0.02)


def test_the_same_seed_gives_the_same_bits() -> None:
    """And a choice's years are the same whatever else is asked."""
    answer = expected(CONTROLS, only=FULL)
    alone = pairs(answer, (), (3,), trials=5000)[1].losses
    among = pairs(answer, *CHOICES, trials=5000)[4].losses
    other = pairs(answer, (), (3,), trials=5000, seed=2)[1].losses

    assert np.array_equal(alone.residuals, among.residuals)
    assert not np.array_equal(alone.cells, other.cells)


@pytest.mark.parametrize(
    ("trials", "rate", "expectation"),
    [(0, 1, "from 1 to"), (10_000_001, 1, "from 1 to"), (1000, 1e6, "at most 666 with so many")],
)
def test_too_much_work_is_refused(trials: int, rate: float, expectation: str) -> None:
    """With what would be accepted, before anything runs."""
    scenario = simple(frequency=Constant(rate), loss=Constant(1))

    with pytest.raises(InvalidInput, match=expectation) as refusal:
        pairs(expected((reduces(NODE, 0.1),), only=scenario), (), trials=trials)
    assert refusal.value.field == "trials"


def test_progress_stops_it() -> None:
    """What the callback raises is let through, also amid the events of one block."""
    calls = []

    def stop(fraction: float, message: str = "") -> None:
        calls.append(fraction)
        if len(calls) > 3:
            raise Stopped

    frequent = simple(frequency=Constant(1000), loss=Constant(1))
    with pytest.raises(Stopped):
        simulate_pairs(
            expected((reduces(NODE, 0.1),), only=frequent),
            [()], trials=10_000, seed=1, progress=stop,
        )  # fmt: skip
    assert set(calls) == {0}
