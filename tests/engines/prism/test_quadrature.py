"""A few values of a distribution, weighted, stand for all of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.prism.distributions import (
    Beta,
    Constant,
    Distribution,
    Empirical,
    Gamma,
    Lognormal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)
from engines.prism.quadrature import nodes_of


@pytest.mark.parametrize(
    "distribution",
    [
        Beta(2, 5),
        Beta(3, 4998),
        Pert(0.5, 2, 6),
        Pert(1, 1, 9, 30.0),
        Pert(1, 2, 9, 200.0, "pyfair"),
        Gamma(3.0, 2.0),
        Lognormal(1.0, 0.7),
        Triangular(1, 2, 9),
        Uniform(3, 4),
        Poisson(7.5),
        Empirical((1.0, 5.0, 7.0), (1.0, 2.0, 1.0)),
    ],
    ids=lambda d: type(d).__name__,
)
def test_moments_are_the_distributions(distribution: Distribution) -> None:
    """The weights add up to 1 and give the mean and the variance."""
    values, weights = nodes_of(distribution)

    assert math.fsum(weights) == pytest.approx(1, rel=1e-14)
    assert weights @ values == pytest.approx(distribution.mean, rel=1e-8)
    spread = weights @ (values - distribution.mean) ** 2
    assert spread == pytest.approx(distribution.variance, rel=1e-7)


def test_a_constant_is_its_own_node() -> None:
    """One value of weight 1."""
    values, weights = nodes_of(Constant(3.5))

    assert (values.tolist(), weights.tolist()) == ([3.5], [1.0])


def test_atoms_are_exact() -> None:
    """An empirical distribution gives its values and their shares."""
    values, weights = nodes_of(Empirical((4.0, 1.0, 4.0)))

    assert values.tolist() == [1.0, 4.0]
    assert weights == pytest.approx([1 / 3, 2 / 3], rel=1e-15)


@pytest.mark.parametrize("shapes", [(1.5, 4.5), (2.0, 2.0), (6.0, 1.2)])
def test_smooth_functions_of_a_beta_are_exact(shapes: tuple[float, float]) -> None:
    """E exp(t X) is Kummer's 1F1(a; a + b; t)."""
    from scipy.special import hyp1f1

    values, weights = nodes_of(Beta(*shapes))

    expected = hyp1f1(shapes[0], sum(shapes), 3.0)
    assert weights @ np.exp(3 * values) == pytest.approx(expected, rel=1e-13)


def test_a_kink_is_met_where_it_is_told() -> None:
    """E min(X, x) of a PERT, with x as a break, is its closed form."""
    pert, limit = Pert(1, 3, 10), 4.2

    values, weights = nodes_of(pert, breaks=(limit,))

    expected = float(pert.limited_mean(np.array([limit]))[0])
    assert weights @ np.minimum(values, limit) == pytest.approx(expected, rel=1e-9)
