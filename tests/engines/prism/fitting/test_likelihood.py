"""Maximum likelihood agrees with closed forms, with SciPy's own search, and with the truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from engines.prism.distributions import Distribution, Floats
from engines.prism.fitting.amounts import amounts
from engines.prism.fitting.counts import COUNTS
from engines.prism.fitting.likelihood import LikelihoodFit, maximum_likelihood
from engines.prism.fitting.model import DoesNotFit, FamilyName

MODELS = {model.name: model for model in (*amounts(0), *COUNTS)}
CHANCE = np.random.default_rng(20)


def fit(family: FamilyName, values: Floats) -> LikelihoodFit:
    return maximum_likelihood(MODELS[family], np.sort(values))


def test_deaths_by_horse_kick_are_poisson() -> None:
    """Bortkiewicz's 200 corps-years: 109, 65, 22, 3 and 1 of them with 0 to 4 deaths; mean 0.61."""
    deaths = np.repeat(np.arange(5.0), [109, 65, 22, 3, 1])
    poisson = fit("poisson", deaths)

    assert poisson.values == (0.61,)
    assert poisson.standard_errors == pytest.approx([math.sqrt(0.61 / 200)], rel=1e-4)
    assert poisson.log_likelihood == pytest.approx(stats.poisson.logpmf(deaths, 0.61).sum())


def test_a_lognormal_is_the_normal_of_the_logarithms() -> None:
    """mu and sigma are their mean and deviation, with errors sigma/sqrt(n) and sigma/sqrt(2 n)."""
    values = CHANCE.lognormal(10, 1.5, 500)
    logs, found = np.log(values), fit("lognormal", values)

    assert found.values == pytest.approx((logs.mean(), logs.std()))
    errors = logs.std() / math.sqrt(500), logs.std() / math.sqrt(1000)
    assert found.standard_errors == pytest.approx(errors, rel=1e-4)


def test_a_normal_far_from_zero_has_the_moments_of_the_sample() -> None:
    """What 0 cuts off is too little to matter."""
    values = CHANCE.normal(100, 9, 500)

    assert fit("normal", values).values == pytest.approx((values.mean(), values.std()))


@pytest.mark.parametrize("location", [-1.0, 0.0, 2.0, 60.0])
def test_a_normal_near_zero_has_the_moments_of_the_sample_after_the_cut(location: float) -> None:
    """The truncated distribution's mean and variance are the sample's: its likelihood equations."""
    values = np.array(
        stats.truncnorm.rvs(-location, np.inf, loc=location, size=300, random_state=3)
    )
    found = fit("normal", values)

    assert found.distribution.mean == pytest.approx(values.mean(), rel=1e-10)
    assert found.distribution.variance == pytest.approx(values.var(), rel=1e-9)


@pytest.mark.parametrize(
    ("family", "peer", "fixed", "order"),
    [
        ("gamma", stats.gamma(2.2, scale=400), {"floc": 0}, (0, 2)),
        ("gamma", stats.gamma(0.4, scale=1e6), {"floc": 0}, (0, 2)),
        ("beta", stats.beta(2, 6), {"floc": 0, "fscale": 1}, (0, 1)),
        ("beta", stats.beta(0.6, 0.4), {"floc": 0, "fscale": 1}, (0, 1)),
        ("generalisedPareto", stats.genpareto(0.4, scale=50), {"floc": 0}, (0, 2)),
        ("generalisedPareto", stats.genpareto(-0.2, scale=50), {"floc": 0}, (0, 2)),
    ],
)
def test_the_search_ends_where_scipys_does(
    family: FamilyName, peer: Any, fixed: dict[str, float], order: tuple[int, int]
) -> None:
    """Or at a likelihood that is higher."""
    values = peer.rvs(size=400, random_state=7)
    theirs = peer.dist.fit(values, **fixed)
    found = fit(family, values)

    assert found.values == pytest.approx([theirs[place] for place in order], rel=2e-4)
    best = peer.dist.logpdf(values, *theirs).sum()
    assert found.log_likelihood >= best - 1e-9 * abs(best)
    at = [*theirs]
    for place, value in zip(order, found.values, strict=True):
        at[place] = value
    assert found.log_likelihood == pytest.approx(peer.dist.logpdf(values, *at).sum(), rel=1e-10)


def test_a_negative_binomial_is_at_the_top_of_its_likelihood() -> None:
    """By SciPy's probabilities: no neighbour is better."""
    values = np.asarray(CHANCE.negative_binomial(1.5, 0.3, 400), dtype=float)
    found = fit("negativeBinomial", values)
    mean, size = found.values

    def likelihood(mean: float, size: float) -> float:
        return float(stats.nbinom.logpmf(values, size, size / (size + mean)).sum())

    assert found.log_likelihood == pytest.approx(likelihood(mean, size), rel=1e-12)
    for factor in (0.999, 1.001):
        assert likelihood(mean * factor, size) < found.log_likelihood
        assert likelihood(mean, size * factor) < found.log_likelihood


RECOVERED: tuple[tuple[FamilyName, tuple[float, ...]], ...] = (
    ("normal", (100, 30)),
    ("normal", (1, 2)),
    ("lognormal", (12, 0.8)),
    ("gamma", (0.7, 3e4)),
    ("gamma", (40, 2)),
    ("beta", (1.5, 4)),
    ("generalisedPareto", (0.3, 1e5)),
    ("generalisedPareto", (-0.25, 8)),
    ("poisson", (3.5,)),
    ("negativeBinomial", (6, 1.2)),
)


@pytest.mark.parametrize(("family", "truth"), RECOVERED, ids=str)
def test_known_parameters_are_found_again(family: FamilyName, truth: tuple[float, ...]) -> None:
    """Within five of the standard errors that the fit itself reports."""
    made: Distribution = MODELS[family].make(*truth)
    found = fit(family, made.quantile(np.random.default_rng(11).random(4000)))

    assert found.standard_errors is not None
    for value, error, true in zip(found.values, found.standard_errors, truth, strict=True):
        assert abs(value - true) < 5 * error


@pytest.mark.parametrize(("family", "truth"), RECOVERED[:4], ids=str)
def test_standard_errors_are_the_spread_of_the_estimates(
    family: FamilyName, truth: tuple[float, ...]
) -> None:
    """Over 300 samples, to within five of the deviation's own errors."""
    made, chance = MODELS[family].make(*truth), np.random.default_rng(12)
    estimates = [MODELS[family].estimate(made.quantile(chance.random(500))) for _ in range(300)]
    reported = fit(family, made.quantile(np.random.default_rng(13).random(500))).standard_errors

    assert reported is not None
    for spread, error in zip(np.std(estimates, axis=0), reported, strict=True):
        assert spread == pytest.approx(error, rel=5 / math.sqrt(600) + 0.1)


def test_criteria_weigh_the_number_of_parameters() -> None:
    """AIC = 2 k - 2 log L and BIC = k log n - 2 log L."""
    found = fit("gamma", CHANCE.gamma(2, 3, 100))

    assert found.akaike == 4 - 2 * found.log_likelihood
    assert found.bayes == pytest.approx(2 * math.log(100) - 2 * found.log_likelihood)


@pytest.mark.parametrize(
    ("family", "values", "why"),
    [
        ("lognormal", [0, 1, 2], "above 0"),
        ("gamma", [0, 1, 2], "above 0"),
        ("beta", [0.1, 0.5, 1.0], "between 0 and 1"),
        ("normal", [1, 1, 1, 1, 50], "too narrow"),
        ("gamma", [1, 1 + 1e-9], "no shape"),
        ("generalisedPareto", [8, 9, 10], "would end"),
        ("generalisedPareto", [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9], "infinite mean"),
        ("negativeBinomial", [1, 1, 2, 2], "Poisson"),
    ],
)
def test_a_family_says_why_it_does_not_fit(
    family: FamilyName, values: list[float], why: str
) -> None:
    """Instead of giving a parameter at some bound of its own."""
    with pytest.raises(DoesNotFit, match=why):
        fit(family, np.array(values, dtype=float))


def test_at_the_end_of_a_family_there_are_no_standard_errors() -> None:
    """Counts so clustered that a step to either side of the size leaves the family."""
    counts = np.repeat([0.0, 1e7], 10)

    assert fit("negativeBinomial", counts).standard_errors is None
