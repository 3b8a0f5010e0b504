"""Families meet an expert's quantiles where they can, and experts are pooled."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.prism.distributions import (
    Beta,
    Distribution,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)
from engines.prism.fitting.estimates import check_quantiles, fit_quantiles, fit_range
from engines.prism.fitting.model import DoesNotFit, FamilyName
from engines.prism.fitting.opinions import Opinion, fit_opinions, pooled_quantiles
from engines.progress import unreported

KNOWN: tuple[tuple[FamilyName, Distribution], ...] = (
    ("lognormal", Lognormal(12, 1.3)),
    ("normal", Normal(100, 20)),
    ("normal", Normal(-2, 3)),
    ("gamma", Gamma(0.8, 5000)),
    ("beta", Beta(2, 7)),
    ("generalisedPareto", GeneralisedPareto(0.4, 1e4)),
    ("uniform", Uniform(3, 9)),
    ("triangular", Triangular(1, 3, 20)),
    ("pert", Pert(1e4, 3e4, 5e5)),
)


@pytest.mark.parametrize(("family", "truth"), KNOWN, ids=str)
def test_as_many_quantiles_as_parameters_are_met_exactly(
    family: FamilyName, truth: Distribution
) -> None:
    """And the distribution they were taken from is found again."""
    p = (0.05, 0.5, 0.95) if family in ("triangular", "pert") else (0.05, 0.95)
    found = fit_quantiles(family, p, truth.quantile(np.array(p)).tolist())

    assert found.root_mean_square < 1e-9
    assert found.distribution.mean == pytest.approx(truth.mean, rel=1e-6)
    assert found.distribution.variance == pytest.approx(truth.variance, rel=1e-5)


def test_a_lognormal_of_two_quantiles_is_the_closed_form() -> None:
    """A 90% interval gives the very distribution that is made from one."""
    found = fit_quantiles("lognormal", (0.05, 0.95), (50_000, 1_000_000)).distribution
    interval = Lognormal.from_interval(50_000, 1_000_000)

    assert isinstance(found, Lognormal)
    assert (found.mu, found.sigma) == pytest.approx((interval.mu, interval.sigma), rel=1e-10)


@settings(max_examples=15, deadline=None)
@given(middle=st.floats(0.1, 0.9), width=st.floats(0.2, 5))
def test_more_quantiles_of_a_lognormal_are_a_regression(middle: float, width: float) -> None:
    """Of the logarithms on the normal quantiles, by least squares."""
    p = np.array([0.05, 0.5, 0.95])
    wanted = 1000 * np.exp(width * np.array([0, middle, 1]))
    z = 1.6448536269514722 * np.array([-1, 0, 1])
    sigma, mu = np.polyfit(z, np.log(wanted), 1)
    found = fit_quantiles("lognormal", p.tolist(), wanted.tolist())

    assert isinstance(found.distribution, Lognormal)
    assert (found.distribution.mu, found.distribution.sigma) == pytest.approx((mu, sigma))
    residuals = np.log(wanted) - mu - sigma * z
    assert found.root_mean_square == pytest.approx(math.sqrt(np.mean(residuals**2)), abs=1e-9)


@pytest.mark.parametrize("family", ["gamma", "normal", "pert", "generalisedPareto"])
def test_quantiles_that_cannot_be_met_are_met_as_nearly_as_can_be(family: FamilyName) -> None:
    """Nothing near the answer is better: here by moving each quantile asked for back and forth."""
    p, wanted = (0.05, 0.3, 0.5, 0.95), (10.0, 40.0, 60.0, 200.0)
    best = fit_quantiles(family, p, wanted)
    places = np.array(p)

    def badness(distribution: Distribution) -> float:
        return float(np.sum(np.log(distribution.quantile(places) / np.array(wanted)) ** 2))

    for place in range(4):
        for factor in (0.99, 1.01):
            moved = list(wanted)
            moved[place] *= factor
            assert badness(fit_quantiles(family, p, moved).distribution) >= badness(
                best.distribution
            ) * (1 - 1e-9)


def test_three_points_are_the_distributions_over_them() -> None:
    """Smallest, most likely, largest; a family without ends says so."""
    assert fit_range("pert", 1, 2, 5) == Pert(1, 2, 5)
    assert fit_range("triangular", 1, 2, 5) == Triangular(1, 2, 5)
    assert fit_range("uniform", 1, 2, 5) == Uniform(1, 5)
    with pytest.raises(DoesNotFit, match="no smallest"):
        fit_range("lognormal", 1, 2, 5)


@pytest.mark.parametrize(
    ("family", "values", "why"),
    [
        ("poisson", (1, 2), "counts"),
        ("pert", (1, 2), "3 parameters"),
        ("beta", (0.5, 1.5), "between 0 and 1"),
        ("normal", (1e-3, 1e9), "no member near"),
        ("lognormal", (1e-300, 1e15), "no member near"),
    ],
)
def test_a_family_that_cannot_says_why(
    family: FamilyName, values: tuple[float, float], why: str
) -> None:
    """So the others can go on."""
    with pytest.raises(DoesNotFit, match=why):
        fit_quantiles(family, (0.1, 0.9), values)


@pytest.mark.parametrize(
    ("probabilities", "values"),
    [
        ((0.5,), (1.0,)),
        ((0.0, 0.5), (1.0, 2.0)),
        ((0.5, 1.0), (1.0, 2.0)),
        ((math.nan, 0.5), (1.0, 2.0)),
        ((0.5, 0.5), (1.0, 2.0)),
        ((0.9, 0.1), (1.0, 2.0)),
        ((0.1, 0.9), (2.0, 1.0)),
        ((0.1, 0.9), (1.0, 1.0)),
        ((0.1, 0.9), (0.0, 1.0)),
        ((0.1, 0.9), (1.0, math.nan)),
        ((0.1, 0.9), (1.0, math.inf)),
    ],
)
def test_quantiles_that_no_distribution_has_are_refused(
    probabilities: tuple[float, ...], values: tuple[float, ...]
) -> None:
    """By the name of the field."""
    with pytest.raises(InvalidInput) as refusal:
        check_quantiles(probabilities, values)

    assert refusal.value.field == "quantiles"


def test_the_pool_is_the_weighted_mean_of_the_experts() -> None:
    """At each of its quantiles the weighted distribution functions add up to the probability."""
    experts, weights = (Lognormal(3, 0.5), Gamma(2, 40), Uniform(1, 9)), (1, 2, 0.5)
    p = (0.01, 0.3, 0.5, 0.99)
    pool = np.array(pooled_quantiles(experts, weights, p))

    pooled = sum(w * e.cdf(pool) for w, e in zip(weights, experts, strict=True)) / 3.5
    assert pooled == pytest.approx(p, rel=1e-9)


def test_equal_experts_are_as_one_and_differing_ones_are_wider() -> None:
    """The pool keeps their disagreement."""
    p = (0.05, 0.95)
    one, other = (
        Opinion(probabilities=p, values=(10.0, 100.0), weight=1),
        Opinion(probabilities=p, values=(1000.0, 9000.0), weight=1),
    )
    ((alone,), _) = fit_opinions([one], ["lognormal"], progress=unreported)
    ((twice,), _) = fit_opinions([one, one], ["lognormal"], progress=unreported)
    ((both,), _) = fit_opinions([one, other], ["lognormal"], progress=unreported)

    assert isinstance(alone.distribution, Lognormal)
    assert isinstance(twice.distribution, Lognormal)
    assert isinstance(both.distribution, Lognormal)
    assert twice.distribution.sigma == pytest.approx(alone.distribution.sigma)
    assert both.distribution.sigma > 2 * alone.distribution.sigma


def test_equally_good_families_come_as_asked() -> None:
    """Two quantiles say nothing of which of two families is right."""
    opinion = Opinion(probabilities=(0.05, 0.95), values=(10.0, 100.0), weight=1)
    for families in (["gamma", "lognormal", "uniform"], ["lognormal", "gamma", "uniform"]):
        ranked, _ = fit_opinions([opinion], families, progress=unreported)

        assert [fit.family for fit in ranked] == families


def test_of_equally_good_families_the_simpler_comes_first() -> None:
    """Three quantiles of a uniform are met by a PERT as well, which has one more parameter."""
    opinion = Opinion(probabilities=(0.05, 0.5, 0.95), values=(3.3, 6.0, 8.7), weight=1)
    ranked, _ = fit_opinions([opinion], ["pert", "uniform"], progress=unreported)

    assert [(fit.family, fit.parameters) for fit in ranked] == [("uniform", 2), ("pert", 3)]
    assert [fit.relative_error for fit in ranked] == pytest.approx([0, 0], abs=1e-6)


def test_equal_experts_err_as_much_as_one() -> None:
    """The error is measured from what was stated, not from the pool of what was fitted."""
    opinion = Opinion(probabilities=(0.05, 0.5, 0.95), values=(10.0, 40.0, 120.0), weight=1)
    ((alone,), _) = fit_opinions([opinion], ["gamma"], progress=unreported)
    ((twice,), _) = fit_opinions([opinion, opinion], ["gamma"], progress=unreported)

    assert twice.relative_error == pytest.approx(alone.relative_error, rel=1e-6)
    assert alone.relative_error > 0.01
    assert [fit.wanted for fit in twice.beside] == [opinion.values, opinion.values]


def test_an_expert_of_more_weight_is_erred_from_less() -> None:
    """The pool leans to him, and so does the mean of the squares."""
    p = (0.05, 0.95)
    light, heavy = (10.0, 100.0), (1000.0, 9000.0)
    opinions = [
        Opinion(probabilities=p, values=light, weight=1),
        Opinion(probabilities=p, values=heavy, weight=9),
    ]
    ((pooled,), _) = fit_opinions(opinions, ["lognormal"], progress=unreported)
    from_light, from_heavy = (fit.root_mean_square for fit in pooled.beside)

    assert from_heavy < from_light
    mean_square = (from_light**2 + 9 * from_heavy**2) / 10
    assert pooled.relative_error == pytest.approx(math.sqrt(mean_square))
