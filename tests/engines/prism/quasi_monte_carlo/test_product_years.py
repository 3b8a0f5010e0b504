"""Quasi-Monte Carlo years against closed forms of products."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import (
    Constant,
    Distribution,
    Lognormal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)
from engines.prism.insurance import Layer
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.portfolio import Portfolio
from engines.prism.quasi_monte_carlo.product_years import quasi_monte_carlo
from engines.prism.quasi_monte_carlo.quantile_curve import quantile_curve
from engines.prism.quasi_monte_carlo.replicated_losses import ReplicatedLosses
from engines.prism.scenario import (
    AnnualLossModel,
    Contest,
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)
from engines.progress import unreported


def product(frequency: Distribution, loss: Distribution) -> Scenario:
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": frequency},
        primary_losses={LossForm.TOTAL: loss},
        annual_loss=AnnualLossModel.PRODUCT,
    )


def years(*scenarios: Scenario, trials: int = 1 << 16, seed: int = 1) -> ReplicatedLosses:
    portfolio = Portfolio(scenarios={str(i): each for i, each in enumerate(scenarios)})
    return quasi_monte_carlo(portfolio, trials=trials, seed=seed, progress=unreported)


def holds(estimate: Estimate, value: float) -> bool:
    assert estimate.lower is not None
    assert estimate.upper is not None
    # Twice the 95% interval's margin: with Student's t of 15 degrees, 99.9%.
    reach = estimate.upper - estimate.value
    return abs(estimate.value - value) <= 2 * reach


TREE = Scenario(
    frequencies={
        "contactFrequencyPerYear": Pert(2, 10, 40),
        "probabilityOfAction": Pert(0.1, 0.4, 0.8),
    },
    vulnerability=Vulnerability(
        of=Contest(
            threat_capability=Pert(0.2, 0.6, 0.95), resistance_strength=Pert(0.3, 0.65, 0.9)
        ),
        scope=VulnerabilityScope.SCALAR,
    ),
    primary_losses={LossForm.PRODUCTIVITY: Pert(1e4, 5e4, 3e5), LossForm.RESPONSE: Pert(1, 5, 9)},
    secondary_loss=SecondaryLoss(
        probability=Pert(0.05, 0.2, 0.6), losses={LossForm.TOTAL: Pert(1e5, 3e5, 2e6)}
    ),
    annual_loss=AnnualLossModel.PRODUCT,
)


def test_a_product_of_uniforms() -> None:
    """P(XY <= x) = x (1 - ln x); the mean is 1/4, the variance 7/144; of the tail above q the mean
    is (1/4 - q^2 / 2 (1/2 - ln q)) / (1 - P)."""
    answer = years(product(Uniform(0, 1), Uniform(0, 1)))
    q = 0.5
    percent = 100 * q * (1 - math.log(q))

    assert holds(answer.mean(), 0.25)
    assert answer.mean().value == pytest.approx(0.25, rel=1e-6)
    assert answer.standard_deviation() == pytest.approx(math.sqrt(7 / 144), rel=1e-4)
    assert holds(answer.percentile(percent), q)
    assert holds(answer.probability_above(q), 1 - percent / 100)
    tail = (0.25 - q**2 / 2 * (0.5 - math.log(q))) / (1 - percent / 100)
    assert holds(answer.tail_value_at_risk(percent), tail)


def test_a_product_of_lognormals_is_one() -> None:
    """With the sum of mus, and the root of the sum of sigma squares."""
    answer = years(product(Lognormal(0.5, 0.6), Lognormal(10, 0.8)), trials=1 << 18)
    exact = Lognormal(10.5, 1.0)

    for percent in (5, 50, 95, 99, 99.9):
        value = float(exact.quantile(np.array([percent / 100]))[0])
        assert holds(answer.percentile(percent), value)
    median = answer.percentile(50)
    assert median.upper is not None
    assert median.upper - median.value < 5e-4 * median.value
    assert holds(answer.mean(), exact.mean)


def test_the_whole_tree_has_its_exact_mean() -> None:
    """A hundred times closer than random years of the same number would be."""
    answer = years(TREE, trials=1 << 18)
    exact = float(expected_loss_given(TREE, {})[0])
    spread = answer.standard_deviation()

    assert spread is not None
    assert holds(answer.mean(), exact)
    assert abs(answer.mean().value - exact) < 0.05 * spread / math.sqrt(1 << 18)


def test_intervals_cover() -> None:
    """The nominal 95% of the mean, over 150 seeds, within five standard errors of a proportion."""
    scenario = product(Uniform(0, 5), Triangular(1, 2, 9))
    exact = float(expected_loss_given(scenario, {})[0])
    estimates = [years(scenario, trials=1 << 9, seed=seed).mean() for seed in range(150)]

    covered = np.mean([e.lower <= exact <= e.upper for e in estimates])  # type: ignore[operator]
    assert abs(covered - 0.95) < 5 * math.sqrt(0.95 * 0.05 / 150)


def test_percentiles_are_not_off_by_half_a_rank() -> None:
    """Of a uniform over [0, 1], on 64 points a replicate, averaged over 20 seeds: half a rank is
    0.008, five standard errors of a point's place in its stratum are 0.0013."""
    uniform = product(Constant(1), Uniform(0, 1))
    found = [years(uniform, trials=1 << 10, seed=seed).percentile(95).value for seed in range(20)]

    assert np.mean(found) == pytest.approx(0.95, abs=1.3e-3)


def test_scenarios_add_up() -> None:
    """The mean of a portfolio is the sum of the means."""
    answer = years(TREE, product(Uniform(0, 2), Constant(1e5)), trials=1 << 14)

    assert holds(answer.mean(), float(expected_loss_given(TREE, {})[0]) + 1e5)


def test_a_yearly_vulnerability_fattens_the_tail() -> None:
    """The mean stays that of the scalar, the standard deviation grows."""
    yearly = Vulnerability(of=Uniform(0, 1), scope=VulnerabilityScope.PER_YEAR)
    scalar = Vulnerability(of=Uniform(0, 1), scope=VulnerabilityScope.SCALAR)
    wide, narrow = (
        years(
            Scenario(
                frequencies={"threatEventFrequencyPerYear": Uniform(1, 2)},
                vulnerability=each,
                primary_losses={LossForm.TOTAL: Constant(10)},
                annual_loss=AnnualLossModel.PRODUCT,
            )
        )
        for each in (yearly, scalar)
    )

    assert holds(wide.mean(), 7.5)
    assert holds(narrow.mean(), 7.5)
    # Var = E X^2 E V^2 100 - 56.25, with E X^2 = 7/3 and E V^2 = 1/3 or 1/4.
    assert wide.standard_deviation() == pytest.approx(math.sqrt(700 / 9 - 56.25), rel=1e-4)
    assert narrow.standard_deviation() == pytest.approx(math.sqrt(700 / 12 - 56.25), rel=1e-4)


def test_insurance_splits_every_year() -> None:
    """Ceded and net add up to gross, percentile by percentile; the deductible holds."""
    gross = years(TREE, trials=1 << 12)
    layer = Layer(deductible=2e5, limit=1e6)

    ceded, net = gross.ceded(layer), gross.net(layer)

    assert ceded.mean().value + net.mean().value == pytest.approx(gross.mean().value)
    assert net.percentile(50).value == pytest.approx(2e5)
    assert ceded.percentile(99.9).value == pytest.approx(1e6)


def test_the_exceedance_curve_falls() -> None:
    """From near 1 to one year of all, and the true curve is in its band."""
    curve = years(product(Uniform(0, 1), Uniform(0, 1))).exceedance_curve(50)

    assert len(curve) == 50
    assert all(a.loss < b.loss for a, b in pairwise(curve))
    assert all(a.probability >= b.probability for a, b in pairwise(curve))
    for point in curve:
        exact = 1 - point.loss * (1 - math.log(point.loss))
        assert abs(point.probability - exact) <= 2 * (point.upper - point.probability) + 1e-4


def test_the_same_seed_gives_the_same_bits() -> None:
    """And another one others."""
    same = years(TREE, trials=1 << 10), years(TREE, trials=1 << 10)

    assert np.array_equal(same[0].losses, same[1].losses)
    assert not np.array_equal(same[0].losses, years(TREE, trials=1 << 10, seed=2).losses)


def test_nothing_to_lose_and_one_trial() -> None:
    """A scenario that never happens costs nothing; a trial a replicate has no spread."""
    never = years(product(Constant(0), Uniform(0, 1)), trials=1)

    assert never.losses.shape == (16, 1)
    assert (never.mean().value, never.percentile(99).value) == (0, 0)
    assert never.probability_of_loss() == Estimate(0.0, 0.0, 0.0)
    assert never.standard_deviation() is None
    assert never.exceedance_curve(10) == ()


def test_compound_years_are_refused() -> None:
    """By the engine's name, before anything is computed."""
    compound = Scenario(
        frequencies={"lossEventFrequencyPerYear": Constant(1)},
        primary_losses={LossForm.TOTAL: Constant(1)},
    )

    with pytest.raises(InvalidInput, match="annualLossModel product") as refusal:
        years(compound)
    assert refusal.value.field == "engine"


@pytest.mark.parametrize("trials", [0, (1 << 22) + 1])
def test_trials_are_bounded(trials: int) -> None:
    """All losses are kept."""
    with pytest.raises(InvalidInput, match="trials"):
        years(TREE, trials=trials)


def test_progress_stops_it() -> None:
    """What the callback raises is let through."""

    def stop(fraction: float, message: str = "") -> None:
        if fraction > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        quasi_monte_carlo(
            Portfolio(scenarios={"only": TREE}), trials=1 << 10, seed=1, progress=stop
        )


@pytest.mark.parametrize(
    "distribution",
    [Pert(2, 10, 40), Pert(0, 0, 1), Lognormal(10, 1), Uniform(1, 2), Poisson(3)],
    ids=lambda each: type(each).__name__,
)
def test_a_curve_is_the_quantile_function(distribution: Distribution) -> None:
    """To two millionths between 0.1% and 99.9%, and exactly in the farthest tails."""
    curve = quantile_curve(distribution)
    middle = np.linspace(0.001, 0.999, 999)
    ends = np.array([1e-12, 1 - 2.0**-50])

    assert curve(middle) == pytest.approx(distribution.quantile(middle), rel=2e-6)
    assert curve(ends) == pytest.approx(distribution.quantile(ends), rel=1e-6)
