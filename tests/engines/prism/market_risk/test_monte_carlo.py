"""Simulated joint losses against the exact distribution of their sum."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engines.errors import InvalidInput
from engines.prism.market_risk.monte_carlo import MonteCarlo

DRAWS = 400_000


def correlated() -> np.ndarray:
    return np.random.default_rng(2).multivariate_normal(
        [0.1, -0.2, 0.0], [[4, 1, 0], [1, 2, -1], [0, -1, 3]], 500
    )


@pytest.mark.parametrize("freedom", [None, 4.0])
def test_the_sum_is_as_exact_distributions_say(freedom: float | None) -> None:
    """Normal, or t of the sample's variance: the quantile, within five standard errors."""
    losses = correlated()
    total = losses.sum(axis=1)
    mean, deviation = total.mean(), total.std(ddof=1)
    exact = (
        stats.norm(mean, deviation)
        if freedom is None
        else stats.t(freedom, mean, deviation * math.sqrt((freedom - 2) / freedom))
    )
    model = MonteCarlo(draws=DRAWS, seed=5, freedom=freedom).fit(losses)

    value = model.forecast(99).value_at_risk.value
    error = math.sqrt(0.99 * 0.01 / DRAWS) / exact.pdf(exact.ppf(0.99))
    assert value == pytest.approx(exact.ppf(0.99), abs=5 * error)


def test_the_seed_is_the_stream() -> None:
    """The same seed gives the same losses, another gives others."""
    first, again, other = (
        MonteCarlo(draws=5000, seed=seed).fit(correlated()).losses for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_more_positions_than_periods_are_no_obstacle() -> None:
    """A singular covariance has a root all the same; the sum's variance is the sample's."""
    losses = np.random.default_rng(3).normal(size=(30, 100))
    model = MonteCarlo(draws=100_000, seed=1).fit(losses)

    expected = losses.sum(axis=1).std(ddof=1)
    assert model.losses.std() == pytest.approx(expected, rel=5 / math.sqrt(2 * 100_000))


@pytest.mark.parametrize(
    ("method", "refused"),
    [
        (lambda: MonteCarlo(draws=9_999, seed=1).shortest(99), "method.draws"),
        (lambda: MonteCarlo(draws=1_000_000, seed=1).check_size(21), "at most 952380 with 21"),
        (lambda: MonteCarlo(draws=1000, seed=1, freedom=2.0), "degreesOfFreedom"),
    ],
)
def test_what_cannot_be_simulated_is_refused(method: object, refused: str) -> None:
    """Too few draws for the level, too many for one piece of work, a t without a variance."""
    with pytest.raises(InvalidInput, match=refused):
        method()  # type: ignore[operator]


def test_the_parameters_are_the_samples() -> None:
    """Not those of the draws, which the seed would move."""
    total = correlated().sum(axis=1)
    model = MonteCarlo(draws=1000, seed=1).fit(correlated())

    assert model.parameters == pytest.approx(
        {"mean": total.mean(), "standardDeviation": total.std(ddof=1)}
    )
