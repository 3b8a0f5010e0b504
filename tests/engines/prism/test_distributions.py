"""Draws of a distribution have the moments and limits of its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.prism.distributions import Constant, Lognormal, Pert

DRAWS = 400_000


def draw(distribution: Constant | Pert | Lognormal, size: int = DRAWS) -> NDArray[np.float64]:
    return distribution.sample(np.random.Generator(np.random.Philox(key=11)), size)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 4.0, 20.0])
@pytest.mark.parametrize("mode", [2.0, 3.5, 10.0])
def test_pert_has_voses_mean_and_the_variance_of_its_beta(mode: float, gamma: float) -> None:
    """Mean (low + gamma mode + high) / (gamma + 2), variance (mean - low)(high - mean)/(gamma + 3).

    The variance is that of a beta distribution whose parameters add up to gamma + 2.
    """
    pert = Pert(2.0, mode, 10.0, gamma)
    mean = (2 + gamma * mode + 10) / (gamma + 2)
    variance = (mean - 2) * (10 - mean) / (gamma + 3)

    losses = draw(pert)

    assert mean == pert.mean
    assert abs(losses.mean() - mean) < 5 * math.sqrt(variance / DRAWS)
    fourth = ((losses - mean) ** 4).mean()
    assert abs(losses.var() - variance) < 5 * math.sqrt((fourth - variance**2) / DRAWS)
    assert losses.min() >= 2
    assert losses.max() <= 10


def test_lognormal_leaves_a_twentieth_on_either_side_of_its_interval() -> None:
    """5% of draws lie below low, 5% above high."""
    losses = draw(Lognormal.from_interval(50_000, 1_000_000))
    margin = 5 * math.sqrt(0.05 * 0.95 / DRAWS)

    assert abs(np.mean(losses < 50_000) - 0.05) < margin
    assert abs(np.mean(losses > 1_000_000) - 0.05) < margin


def test_lognormal_mean_is_the_closed_form() -> None:
    """exp(mu + sigma^2 / 2), with variance (exp(sigma^2) - 1) mean^2."""
    lognormal = Lognormal.from_interval(50_000, 1_000_000)
    sigma = math.log(20) / (2 * 1.6448536269514722)
    mean = math.sqrt(50_000 * 1_000_000) * math.exp(sigma**2 / 2)
    error = mean * math.sqrt(math.expm1(sigma**2) / DRAWS)

    assert lognormal.mean == pytest.approx(mean, rel=1e-12)
    assert abs(draw(lognormal).mean() - mean) < 5 * error


@pytest.mark.parametrize(
    "distribution",
    [Constant(3.0), Pert(1, 2, 5), Lognormal.from_interval(1, 9)],
    ids=lambda d: type(d).__name__,
)
def test_a_shorter_draw_is_the_beginning_of_a_longer_one(
    distribution: Constant | Pert | Lognormal,
) -> None:
    """So more trials refine a simulation instead of replacing it."""
    assert draw(distribution, 100).tolist() == draw(distribution, 1000)[:100].tolist()
