"""Tables are the distributions they were made of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from engines.prism.distributions import (
    Beta,
    Distribution,
    Floats,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from engines.prism.monte_carlo.beta_quantiles import beta_quantiles
from engines.prism.monte_carlo.quantile_table import (
    CELL_BITS,
    OCTAVES,
    add_variates,
    multiply_by_variates,
    quantile_table,
)
from engines.prism.monte_carlo.random_state import BATCH, stream_start

DISTRIBUTIONS = [
    Pert(0.5, 2, 6),
    Pert(0, 0, 10),
    Pert(0, 1, 1000, gamma=20),
    Pert(0, 3, 10, convention="pyfair"),
    Lognormal.from_interval(5e4, 1e6),
    Lognormal.from_interval(1e5, 5e6),
    Beta(0.5, 0.5),
    Beta(0.3, 3, 1, 4),
    Gamma(0.3, 1.0),
    Gamma(5, 2),
    GeneralisedPareto(0.2, 1.0),
    Uniform(1, 5),
    Triangular(0, 1, 5),
    Normal(5, 2),
]


def edges() -> Floats:
    """The edges of a side's cells, as tail probabilities times 2^(OCTAVES + 1)."""
    octaves = 2.0 ** np.arange(OCTAVES)
    inside = 1 + np.arange(1 << CELL_BITS) / (1 << CELL_BITS)
    return np.append(np.outer(octaves, inside).ravel(), 2.0**OCTAVES)


def variates(
    distribution: Distribution, size: int, *, seed: int = 1, block: int = 0, first: int = 0
) -> Floats:
    out, cells, tails = np.zeros(size), np.empty(BATCH, dtype=np.uint64), np.empty(BATCH)
    start = np.uint64(stream_start(seed, 0, block))
    add_variates(out, quantile_table(distribution), start, np.uint64(first), cells, tails)
    return out


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=repr)
def test_the_tables_moments_are_the_distributions(distribution: Distribution) -> None:
    """Mean to 1e-8 and variance to 1e-5, integrated over the lines: nothing is sampled."""
    table = quantile_table(distribution).reshape(2, -1, 2)
    width, middle = np.diff(edges()), (edges()[1:] + edges()[:-1]) / 2
    weights = width * 2.0 ** -(OCTAVES + 1)
    centres = table[:, :, 0] + table[:, :, 1] * middle
    mean = float(np.sum(weights * centres))
    spread = (centres - mean) ** 2 + (table[:, :, 1] * width) ** 2 / 12
    variance = float(np.sum(weights * spread))

    assert mean == pytest.approx(distribution.mean, rel=1e-8)
    assert variance == pytest.approx(distribution.variance, rel=1e-5)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=repr)
def test_every_value_is_a_quantile(distribution: Distribution) -> None:
    """Within one part in a thousand of it, or of the spread near zero; within the support."""
    table = quantile_table(distribution).reshape(2, -1, 2)
    scale = math.sqrt(distribution.variance)
    for share in (0.0, 0.3, 1.0):
        place = edges()[:-1] + share * np.diff(edges())
        found = table[:, :, 0] + table[:, :, 1] * place
        tail = np.ldexp(place, -OCTAVES - 1)
        exact = np.stack([distribution.quantile(tail), distribution.upper_quantile(tail)])

        np.testing.assert_allclose(found, exact, rtol=1e-3, atol=1e-6 * scale)
        assert found.min() >= distribution.support[0]
        assert found.max() <= distribution.support[1]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=repr)
def test_variates_are_distributed(distribution: Distribution) -> None:
    """The share below each percentile of the distribution is that percentile."""
    drawn = variates(distribution, 200_000)
    for p in (0.001, 0.05, 0.3, 0.5, 0.8, 0.99, 0.9999):
        below = np.mean(drawn <= distribution.quantile(np.array([p])))
        assert abs(below - p) < 4.5 * math.sqrt(p * (1 - p) / drawn.size)


def test_a_run_may_be_cut_anywhere() -> None:
    """Words are numbered: variates 100 to 699 are those, whoever drew the first hundred."""
    whole = variates(Pert(0, 1, 5), 1300)

    assert whole[100:700].tolist() == variates(Pert(0, 1, 5), 600, first=100).tolist()


def test_products_take_the_same_variates_as_sums() -> None:
    """One for each, from the same words."""
    out, cells, tails = np.full(700, 2.0), np.empty(BATCH, dtype=np.uint64), np.empty(BATCH)
    start = np.uint64(stream_start(1, 0, 0))
    multiply_by_variates(out, quantile_table(Uniform(1, 5)), start, np.uint64(0), cells, tails)

    assert (2 * variates(Uniform(1, 5), 700)).tolist() == out.tolist()


@settings(max_examples=15, deadline=None)
@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4))
def test_a_betas_quantiles_march_to_the_right_places(alpha: float, beta: float) -> None:
    """Where scipy finds them one by one: to 1e-7 of the share."""
    tails = np.ldexp(np.sort(np.append(edges(), (edges()[1:] + edges()[:-1]) / 2)), -OCTAVES - 1)
    lower, upper = beta_quantiles(Beta(alpha, beta), tails)
    some = np.append(np.arange(0, tails.size, 211), tails.size - 1)

    expected = special.betaincinv(alpha, beta, tails[some])
    np.testing.assert_allclose(lower[some], expected, rtol=1e-7, atol=1e-290)
    expected = special.betaincinv(beta, alpha, tails[some])
    np.testing.assert_allclose(1 - upper[some], expected, rtol=1e-7, atol=1e-15)
