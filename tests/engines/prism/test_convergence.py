"""As many years as an interval takes, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from engines.prism.convergence import relative_half_width, trials_needed
from engines.prism.monte_carlo.simulated_loss import SimulatedLoss
from engines.prism.monte_carlo.tally import LossCounter


def simulated(losses: np.ndarray[tuple[int], np.dtype[np.float64]]) -> SimulatedLoss:
    counter = LossCounter()
    counter.add(losses)
    return SimulatedLoss(counter.tally())


def test_four_times_the_years_for_half_the_width() -> None:
    """And a fifth on top, because a width is an estimate."""
    losses = np.random.Generator(np.random.Philox(key=3)).exponential(1.0, 40_000)
    look = simulated(losses)
    width = relative_half_width(look, 95)
    assert width is not None

    needed = trials_needed(look, 40_000, percent=95, wanted=width / 2, most=10**9)

    assert needed == pytest.approx(1.2 * 4 * 40_000, rel=1e-4)
    assert trials_needed(look, 40_000, percent=95, wanted=width, most=10**9) == 40_000
    assert trials_needed(look, 40_000, percent=95, wanted=1e-9, most=10**6) == 10**6


def test_a_width_of_nothing_is_narrow_enough() -> None:
    """Where every year costs nothing at that percentile."""
    losses = np.zeros(1000)
    losses[:3] = 5.0

    assert relative_half_width(simulated(losses), 50) == 0


def test_too_few_years_have_no_width() -> None:
    """One year says nothing of the 99th percentile."""
    assert relative_half_width(simulated(np.array([5.0])), 99) is None
