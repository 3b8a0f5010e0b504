"""Distances agree with SciPy's, and their p-values mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engines.prism.distributions import Floats, Gamma, Lognormal, Poisson
from engines.prism.fitting.goodness import (
    chi_square,
    chi_square_cells,
    distances,
)
from engines.prism.fitting.observations import Candidate, fit_observations
from engines.progress import unreported


def test_kolmogorov_smirnov_is_scipys() -> None:
    """D of a two-sided test."""
    values = np.sort(np.random.default_rng(1).gamma(2, 3, 50))
    peer = stats.kstest(values, stats.gamma(2, scale=3).cdf).statistic

    assert distances(Gamma(2, 3), values)[0] == pytest.approx(peer, rel=1e-12)


def test_anderson_darling_is_scipys() -> None:
    """A^2 for a normal with the sample's mean and deviation (n - 1), here of logarithms."""
    logs = np.sort(np.random.default_rng(2).normal(3, 0.5, 60))
    with pytest.warns(FutureWarning):  # of SciPy's, about what it will return in later versions
        peer = stats.anderson(logs, "norm").statistic
    fitted = Lognormal(float(logs.mean()), float(logs.std(ddof=1)))

    assert distances(fitted, np.exp(logs))[1] == pytest.approx(peer, rel=1e-10)


def test_chi_square_of_horse_kicks() -> None:
    """Cells 0, 1 and more: of three deaths or more the Poisson expects 4.8, too few for a cell."""
    deaths = np.repeat(np.arange(5.0), [109, 65, 22, 3, 1])
    poisson = Poisson(0.61)
    expected = 200 * np.array([0.543351, 0.331444, 0.125205])
    by_hand = ((np.array([109, 65, 26]) - expected) ** 2 / expected).sum()

    edges = chi_square_cells(poisson, deaths)

    assert edges.tolist() == [0, 1]
    assert chi_square(poisson, deaths, edges) == pytest.approx(by_hand, rel=1e-4)


def best(values: Floats, seed: int) -> Candidate:
    ranking = fit_observations(
        values.tolist(), kind="amounts", families=("gamma",), threshold=0,
        bootstrap_samples=39, seed=seed, progress=unreported,
    )  # fmt: skip
    return ranking.candidates[0]


def test_p_values_are_uniform_where_the_family_is_true() -> None:
    """Of 150 samples of 25, a fifth falls below 0.2, though the parameters were estimated.

    Against Kolmogorov's printed table nearly none would.
    """
    chance = np.random.default_rng(4)
    low = [
        candidate.kolmogorov_smirnov is not None
        and candidate.kolmogorov_smirnov.p_value is not None
        and candidate.kolmogorov_smirnov.p_value <= 0.2
        for candidate in (best(chance.gamma(2, 5, 25), seed) for seed in range(150))
    ]

    assert abs(np.mean(low) - 0.2) < 5 * np.sqrt(0.2 * 0.8 / 150)


def test_a_wrong_family_is_found_out() -> None:
    """Heavy tails against a gamma, by both distances."""
    candidate = best(np.random.default_rng(5).lognormal(8, 1.6, 400), 1)

    assert candidate.kolmogorov_smirnov is not None
    assert candidate.anderson_darling is not None
    assert candidate.kolmogorov_smirnov.p_value == 1 / 40
    assert candidate.anderson_darling.p_value == 1 / 40


def test_cells_of_counts_in_the_thousand_millions_take_no_time() -> None:
    """A table of all counts up to the largest would fill the memory; these are nearly deciles."""
    rate = 1e9
    counts = rate + np.sqrt(rate) * np.linspace(-2, 2, 50)
    edges = chi_square_cells(Poisson(rate), np.round(counts))

    assert Poisson(rate).cdf(edges) == pytest.approx(np.arange(1, 9) / 10, abs=1e-3)
