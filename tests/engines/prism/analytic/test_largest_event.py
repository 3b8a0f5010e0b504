"""The largest event of a year has the distribution that its number and its cost give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from engines.prism.analytic import aggregate_loss
from engines.prism.analytic.largest_event import LargestEvent
from engines.prism.distributions import Constant, Distribution, GeneralisedPareto, Lognormal
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    CountModel,
    LossForm,
    NegativeBinomialCount,
    PoissonCount,
    Scenario,
    SecondaryLoss,
)

U = np.array([0.3, 0.5, 0.9, 0.99, 0.999, 1 - 1e-6])


def scenario(
    rate: float,
    loss: Distribution,
    model: CountModel | None = None,
    secondary: Distribution | None = None,
) -> Scenario:
    extra = None
    if secondary is not None:
        extra = SecondaryLoss(probability=Constant(0.25), losses={LossForm.TOTAL: secondary})
    return Scenario(
        frequencies={"lossEventFrequency": Constant(rate)},
        count=model or PoissonCount(),
        primary_losses={LossForm.TOTAL: loss},
        secondary_loss=extra,
    )


def largest(*members: Scenario) -> LargestEvent:
    named = {f"s{k}": each for k, each in enumerate(members)}
    return aggregate_loss(Portfolio(scenarios=named)).largest_event


@pytest.mark.parametrize("rate", [0.01, 1.5, 400.0])
def test_of_a_poisson_number(rate: float) -> None:
    """P(max <= x) = exp(-rate P(X > x)), so quantiles are the severity's at -ln u / rate."""
    severity = Lognormal(9, 1.5)
    above = -np.log(U) / rate
    expected = np.where(above < 1, severity.upper_quantile(np.minimum(above, 1 - 1e-16)), 0)

    assert largest(scenario(rate, severity)).quantile(U) == pytest.approx(expected, rel=1e-9)


def test_of_clustered_events() -> None:
    """P(max <= x) = (1 + rate P(X > x) / size)^-size."""
    severity = Lognormal(9, 1.5)
    above = 0.8 / 3.0 * (U ** (-1 / 0.8) - 1)
    expected = np.where(above < 1, severity.upper_quantile(np.minimum(above, 1 - 1e-16)), 0)
    worst = largest(scenario(3.0, severity, NegativeBinomialCount(0.8)))

    assert worst.quantile(U) == pytest.approx(expected, rel=1e-9)


def test_of_independent_scenarios() -> None:
    """The probabilities of staying below multiply: rates of the same severity add."""
    severity = Lognormal(9, 1.5)
    both = largest(scenario(1.0, severity), scenario(2.0, severity))

    assert both.quantile(U) == pytest.approx(largest(scenario(3.0, severity)).quantile(U), rel=1e-9)


def test_of_a_constant() -> None:
    """It is there or not."""
    worst = largest(scenario(0.5, Constant(750_000.0)))

    some = -math.expm1(-0.5)
    assert worst.percentile(60).value == 0
    assert worst.percentile(61).value == 750_000
    assert worst.probability_of_loss().value == pytest.approx(some, rel=1e-12)
    assert worst.mean().value == pytest.approx(some * 750_000, rel=1e-9)
    spread = math.sqrt(some * (1 - some)) * 750_000
    assert worst.standard_deviation() == pytest.approx(spread, rel=1e-9)


def test_means_are_integrals() -> None:
    """Of P(max > x), by QUADPACK over the logarithm of x; of 2 x P(max > x) for the square."""
    severity = Lognormal(9, 1.0)
    worst = largest(scenario(1.5, severity))

    def above(x: float) -> float:
        return float(-np.expm1(-1.5 * severity.survival(np.array([x]))[0]))

    def integral(power: int, start: float) -> float:
        found, _ = integrate.quad(
            lambda y: above(math.exp(y)) * math.exp((power + 1) * y),
            start,
            25,
            epsrel=1e-10,
            limit=300,
        )
        return float(found)

    mean = integral(0, -20)
    assert worst.mean().value == pytest.approx(mean, rel=1e-8)
    spread = math.sqrt(2 * integral(1, -20) - mean**2)
    assert worst.standard_deviation() == pytest.approx(spread, rel=1e-7)
    at = worst.percentile(95).value
    tail = at + integral(0, math.log(at)) / 0.05
    assert worst.tail_value_at_risk(95).value == pytest.approx(tail, rel=1e-8)


def test_of_a_sum_of_amounts_lies_within_its_limits() -> None:
    """An event with a secondary loss costs a sum; 60% of a million simulated ones are less."""
    primary, secondary = Lognormal(9, 1), Lognormal(10, 1)
    worst = largest(scenario(2.0, primary, secondary=secondary))
    generator = np.random.Generator(np.random.Philox(key=3))
    costs = primary.quantile(generator.random(1_000_000))
    extra = generator.random(1_000_000) < 0.25
    costs[extra] += secondary.quantile(generator.random(int(extra.sum())))

    for percent in (50, 90, 99):
        at = worst.percentile(percent)
        share = np.mean(costs > at.value)
        expected = -math.log(percent / 100) / 2.0
        error = math.sqrt(expected * (1 - expected) / 1e6)
        assert at.lower is not None
        assert at.upper is not None
        assert at.lower < at.value < at.upper
        assert abs(share - expected) < 5 * error


def test_no_variance_is_no_standard_deviation() -> None:
    """Of a power tail of index 1 / 0.6."""
    assert largest(scenario(1.0, GeneralisedPareto(0.6, 1e4))).standard_deviation() is None


def test_without_events_there_is_none() -> None:
    """All answers are 0, and the curve has no points."""
    worst = largest(scenario(0.0, Lognormal(9, 1)))

    assert worst.percentile(99).value == 0
    assert worst.mean().value == 0
    assert worst.exceedance_curve(5) == ()
