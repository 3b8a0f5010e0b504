"""What must hold of every distribution, whatever its family."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.distributions import (
    Beta,
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Floats,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    NegativeBinomial,
    Normal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)

CONTINUOUS: tuple[Distribution, ...] = (
    Pert(1, 2, 5),
    Pert(0, 0, 1e6, 12),
    Pert(0.1, 0.3, 0.9, 4, "pyfair"),
    Triangular(1, 2, 6),
    Triangular(0, 0, 3),
    Triangular(2, 5, 5),
    Uniform(2, 7),
    Normal(100, 15),
    Normal(-4, 2),
    Normal(3, 2, 1, 3.5),
    Normal(1, 20, 0.9, 1),
    Lognormal.from_interval(50_000, 1_000_000),
    Lognormal.from_moments(10, 1),
    Gamma(0.3, 20),
    Gamma(7, 1000),
    Beta(0.6, 0.7),
    Beta(3, 80, 10, 20),
    GeneralisedPareto(0.2, 3, 10),
    GeneralisedPareto(0, 5),
    GeneralisedPareto(-0.4, 5, 1),
)
COUNTS: tuple[Distribution, ...] = (
    Poisson(0.2),
    Poisson(40.5),
    NegativeBinomial(2.5, 0.7),
    NegativeBinomial(60, 25),
    Binomial(1, 0.3),
    Binomial(50, 0.9),
)
ATOMS: tuple[Distribution, ...] = (
    Constant(3),
    Empirical((4, 1, 1, 9)),
    Empirical((4.5, 1.25, 0, 9), (1, 0.5, 0, 3)),
    Poisson(0),
    Binomial(3, 1),
    NegativeBinomial(0, 1),
)
ALL = CONTINUOUS + COUNTS + ATOMS
PROBABILITIES = np.array([1e-15, 1e-9, 1e-3, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1 - 2.0**-50])

each = pytest.mark.parametrize("distribution", ALL, ids=repr)
each_continuous = pytest.mark.parametrize("distribution", CONTINUOUS, ids=repr)


def places(distribution: Distribution) -> Floats:
    """Values inside, at the ends of and outside the support, ascending."""
    low, high = distribution.support
    inside = distribution.quantile(PROBABILITIES)
    ends = [low - 1, low, high, high + 1] if math.isfinite(high) else [low - 1, low]
    return np.unique(np.concatenate([inside, inside + 0.5, ends]))


@each
def test_below_and_above_add_up_to_one(distribution: Distribution) -> None:
    """Everywhere, and from 0 to 1."""
    x = places(distribution)
    below, above = distribution.cdf(x), distribution.survival(x)

    assert below + above == pytest.approx(np.ones_like(x), rel=1e-12)
    assert (np.diff(below) >= 0).all()
    assert (below >= 0).all()
    assert (above >= 0).all()


@each
def test_nothing_lies_outside_the_support(distribution: Distribution) -> None:
    """Nor at infinity."""
    low, high = distribution.support
    x = np.array([low - 1, high, math.inf])

    assert distribution.cdf(x).tolist() == [0, 1, 1]
    assert distribution.survival(x).tolist() == [1, 0, 0]


@each
def test_a_quantile_is_the_smallest_value_that_reaches_its_probability(
    distribution: Distribution,
) -> None:
    """Within a part in 1e12 of the value where the distribution is continuous."""
    x, p = distribution.quantile(PROBABILITIES), PROBABILITIES

    assert (distribution.cdf(x + 1e-12 * x) >= p * (1 - 1e-12)).all()
    assert (distribution.cdf(x - 1e-12 * x - 1e-300) <= p * (1 + 1e-12)).all()


@each
def test_an_upper_quantile_is_the_smallest_value_that_few_enough_exceed(
    distribution: Distribution,
) -> None:
    """Within a part in 1e12 of the value where the distribution is continuous."""
    x, p = distribution.upper_quantile(PROBABILITIES), PROBABILITIES

    assert (distribution.survival(x + 1e-12 * x) <= p * (1 + 1e-12)).all()
    assert (distribution.survival(x - 1e-12 * x - 1e-300) >= p * (1 - 1e-12)).all()


@each
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_arrays_of_any_shape_are_taken_element_by_element(
    distribution: Distribution, seed: int
) -> None:
    """A table of probabilities gives what each of them gives alone, in growing order."""
    p = np.sort(np.random.default_rng(seed).random(24)).reshape(4, 6)
    alone = [float(distribution.quantile(np.array(one))) for one in p.flat]

    assert distribution.quantile(p).ravel().tolist() == alone
    assert alone == sorted(alone)
    assert distribution.limited_mean(p).shape == distribution.cdf(p).shape == (4, 6)


@each
def test_a_limit_out_of_reach_leaves_the_mean_and_one_below_all_is_itself(
    distribution: Distribution,
) -> None:
    """E min(X, x) at either end."""
    low, high = distribution.support
    limited = distribution.limited_mean(np.array([low - 1, low, high, math.inf]))

    assert limited.tolist() == pytest.approx(
        [low - 1, low, distribution.mean, distribution.mean], rel=1e-12, abs=1e-300
    )


@each_continuous
def test_a_limited_mean_grows_by_the_survival_it_passes(distribution: Distribution) -> None:
    """E min(X, x) is the integral of the survival function up to x."""
    x = distribution.quantile(np.linspace(0.02, 0.98, 49))
    nodes, weights = np.polynomial.legendre.leggauss(30)
    halves = np.diff(x)[:, None] / 2
    survival = distribution.survival(x[:-1, None] + halves * (1 + nodes))
    passed = (halves * survival) @ weights

    assert np.diff(distribution.limited_mean(x)) == pytest.approx(
        passed, rel=1e-8, abs=1e-13 * distribution.mean
    )


@pytest.mark.parametrize("distribution", COUNTS + ATOMS, ids=repr)
def test_the_limited_mean_of_atoms_is_their_sum(distribution: Distribution) -> None:
    """Weighted by their probabilities, each at most the limit."""
    atoms = np.arange(0, 2000) / 4
    chances = distribution.cdf(atoms) - distribution.cdf(atoms - 0.25)

    assert chances.sum() == pytest.approx(1, rel=1e-12)
    assert distribution.mean == pytest.approx((atoms * chances).sum(), rel=1e-11)
    variance = ((atoms - distribution.mean) ** 2 * chances).sum()
    assert distribution.variance == pytest.approx(variance, rel=1e-11, abs=1e-12)
    for limit in (0.1, 1.0, 4.0, 12.6, 49.75):
        expected = (np.minimum(atoms, limit) * chances).sum()
        assert float(distribution.limited_mean(np.array(limit))) == pytest.approx(expected)


@each_continuous
def test_mean_and_variance_are_those_of_the_quantiles(distribution: Distribution) -> None:
    """The integrals of Q(p) and (Q(p) - mean)^2, taken towards each tail in log p."""
    edges = np.linspace(math.log(2), 36, 101)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half = (edges[1] - edges[0]) / 2
    p = np.exp(-(edges[:-1, None] + half * (1 + nodes)))
    share = half * weights * p
    values = np.concatenate([distribution.quantile(p), distribution.upper_quantile(p)])
    shares = np.concatenate([share, share])

    assert (values * shares).sum() == pytest.approx(distribution.mean, rel=1e-8)
    square = ((values - distribution.mean) ** 2 * shares).sum()
    assert square == pytest.approx(distribution.variance, rel=1e-7)


def test_a_heavy_tail_has_no_variance() -> None:
    """A generalised Pareto of shape 1/2 or more."""
    assert GeneralisedPareto(0.5, 1).variance == math.inf
    assert math.isfinite(GeneralisedPareto(0.499, 1).variance)


def test_families_meet_where_they_should() -> None:
    """One distribution by two names gives one answer."""
    x = np.linspace(0.01, 6, 50)
    pairs: tuple[tuple[Distribution, Distribution], ...] = (
        (Pert(0, 3, 6, 0), Uniform(0, 6)),
        (Beta(1, 2, 0, 6), Triangular(0, 0, 6)),
        (Gamma(1, 2), GeneralisedPareto(0, 2)),
        (GeneralisedPareto(-1, 6), Uniform(0, 6)),
        (GeneralisedPareto(1e-13, 2), GeneralisedPareto(0, 2)),
        (NegativeBinomial(2, 1e6), Poisson(2)),
        (Binomial(10**9, 2e-9), Poisson(2)),
        (Pert(0, 3, 6), Beta(3, 3, 0, 6)),
    )
    for one, other in pairs:
        assert one.survival(x) == pytest.approx(other.survival(x), rel=3e-5)
        assert one.limited_mean(x) == pytest.approx(other.limited_mean(x), rel=1e-6)
        assert one.mean == pytest.approx(other.mean)


def test_a_beta_quantile_is_not_lost_where_its_root_is_met_early() -> None:
    """At probabilities of dyadic values, where the library's inverse may answer 0 or 1."""
    shares = np.arange(1, 64) / 64
    for alpha, beta in ((1.25, 2.75), (2.25, 1.75), (2.125, 1.375), (0.625, 1.25)):
        distribution = Beta(alpha, beta)

        assert distribution.quantile(distribution.cdf(shares)) == pytest.approx(shares, rel=1e-11)
        assert distribution.upper_quantile(distribution.survival(shares)) == pytest.approx(
            shares, rel=1e-11
        )


def test_a_lognormal_keeps_what_it_was_made_from() -> None:
    """Its interval and its moments."""
    wide = Lognormal.from_interval(10, 2000, confidence=0.8)
    exact = Lognormal.from_moments(1e6, 3e6)

    assert wide.cdf(np.array([10.0, 2000.0])) == pytest.approx([0.1, 0.9], rel=1e-12)
    assert exact.mean == pytest.approx(1e6, rel=1e-12)
    assert math.sqrt(exact.variance) == pytest.approx(3e6, rel=1e-12)


@pytest.mark.parametrize("interval", [(1e-300, 1e-290), (1e-10, 1.0), (1.0, 1e9), (1e14, 1e15)])
def test_a_lognormal_that_is_accepted_never_overflows(interval: tuple[float, float]) -> None:
    """A loss fifteen standard deviations out can still be squared and added a billion times."""
    lognormal = Lognormal.from_interval(*interval)

    assert math.isfinite(1e9 * math.exp(lognormal.mu + 15 * lognormal.sigma) ** 2)


@settings(max_examples=40, deadline=None)
@given(
    mode=st.floats(0, 1), gamma=st.floats(0.2, 50), low=st.floats(0, 10), span=st.floats(0.1, 1e6)
)
def test_both_perts_have_one_mean_and_their_own_spread(
    mode: float, gamma: float, low: float, span: float
) -> None:
    """Vose: (mean - low)(high - mean) / (gamma + 3). Pyfair: (high - low)^2 / (gamma + 2)^2."""
    high = low + span
    parameters = low, min(low + mode * span, high), high, gamma
    vose, pyfair = Pert(*parameters), Pert(*parameters, "pyfair")

    assert vose.mean == pyfair.mean
    for pert in (vose, pyfair):
        assert pert.as_beta.mean == pytest.approx(pert.mean)
    spread = (vose.mean - low) * (high - vose.mean) / (gamma + 3)
    assert vose.variance == pytest.approx(spread)
    assert pyfair.variance == pytest.approx(((high - low) / (gamma + 2)) ** 2)
