"""Drivers of bad years against closed forms of indicators."""

from __future__ import annotations

import math

import pytest

from engines.errors import Stopped
from engines.prism.annual_loss_answers import Estimate
from engines.prism.distributions import Constant, Distribution, Lognormal, Uniform
from engines.prism.drivers.tail_drivers import TailDriver, tail_drivers
from engines.prism.fair_node import FairNode
from engines.prism.scenario import LossForm, Scenario
from engines.progress import unreported


def product(frequency: Distribution, loss: Distribution) -> Scenario:
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": frequency},
        primary_losses={LossForm.TOTAL: loss},
    )


def drivers(percent: float, *scenarios: Scenario, seed: int = 1) -> tuple[TailDriver, ...]:
    named = {str(i): each for i, each in enumerate(scenarios)}
    return tail_drivers(named, percent=percent, seed=seed, progress=unreported)


def holds(estimate: Estimate, value: float) -> bool:
    assert estimate.upper is not None
    # Twice the margin of the 95% interval: 99.9%, by Student's t of 15 degrees.
    return abs(estimate.value - value) <= 2 * (estimate.upper - estimate.value)


def test_a_product_of_uniforms_in_closed_form() -> None:
    """P(XY > q | X = x) = max(0, 1 - q / x). With q = 1/2, p = P(XY > q) = 1/2 - ln 2 / 2 and
    E P(. | X)^2 = 1 - q^2 + 2 q ln q = 3/4 - ln 2: S = (3/4 - ln 2 - p^2) / (p - p^2), and
    with two factors ST = 1 - S of the other."""
    q = 0.5
    above = 1 - q * (1 - math.log(q))
    square = 1 - q**2 + 2 * q * math.log(q)
    first = (square - above**2) / (above - above**2)

    one, other = drivers(100 * (1 - above), product(Uniform(0, 1), Uniform(0, 1)))
    assert {one.node, other.node} == {FairNode.LOSS_EVENT_FREQUENCY, FairNode.PRIMARY_LOSS}
    for driver in (one, other):
        assert holds(driver.first, first)
        assert holds(driver.total, 1 - first)
        assert driver.total.upper is not None
        assert driver.total.upper - driver.total.value < 0.01


def test_the_only_uncertain_leaf_decides_alone() -> None:
    """All of the variance, and the loss rises with it."""
    (driver,) = drivers(90, product(Constant(2), Lognormal(10, 1)))

    assert driver.first.value == pytest.approx(1, abs=0.02)
    assert driver.total.value == pytest.approx(1, abs=0.02)
    assert driver.rank_correlation.value == pytest.approx(1)


def test_the_larger_scenario_comes_first() -> None:
    """A scenario a hundred times as large decides, whatever the other does."""
    small, large = product(Constant(1), Uniform(0, 1)), product(Constant(1), Uniform(0, 100))
    first, last = drivers(95, small, large)

    assert (first.scenario, last.scenario) == ("1", "0")
    assert last.total.value < 0.05 < 0.9 < first.first.value
    assert abs(last.rank_correlation.value) < 0.1


def test_what_is_known_drives_nothing() -> None:
    """And is not listed."""
    assert drivers(90, product(Constant(1), Constant(2))) == ()


def test_the_same_seed_gives_the_same_bits() -> None:
    """And another one other estimates."""
    scenario = product(Uniform(0, 1), Uniform(0, 1))

    assert drivers(90, scenario) == drivers(90, scenario)
    assert drivers(90, scenario) != drivers(90, scenario, seed=2)


def test_progress_stops_it() -> None:
    """What the callback raises is let through."""

    def stop(fraction: float, message: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        tail_drivers(
            {"only": product(Constant(1), Uniform(0, 1))}, percent=90, seed=1, progress=stop
        )
