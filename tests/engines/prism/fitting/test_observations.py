"""Families are ranked, and data that cannot be fitted are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.distributions import Floats
from engines.prism.fitting.model import FamilyName
from engines.prism.fitting.observations import (
    MOST_WORK,
    Ranking,
    ValueKind,
    check_work,
    families_of,
    fit_observations,
)
from engines.progress import unreported

EVERY: tuple[FamilyName, ...] = ("normal", "lognormal", "gamma", "beta", "generalisedPareto")


def ranked(
    values: list[float],
    *,
    kind: ValueKind = "amounts",
    families: tuple[FamilyName, ...] = EVERY,
    threshold: float = 0,
    samples: int = 0,
    seed: int = 0,
) -> Ranking:
    return fit_observations(
        values, kind=kind, families=families, threshold=threshold, bootstrap_samples=samples,
        seed=seed, progress=unreported,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("family", "values"),
    [
        ("lognormal", np.random.default_rng(1).lognormal(9, 1.3, 500)),
        ("gamma", np.random.default_rng(2).gamma(3, 100, 500)),
        ("normal", np.random.default_rng(3).normal(300, 50, 500)),
        ("beta", np.random.default_rng(4).beta(2, 2, 500)),
        ("generalisedPareto", (np.random.default_rng(5).pareto(3, 800) * 100)),
    ],
)
def test_the_true_family_comes_first(family: FamilyName, values: Floats) -> None:
    """And the criteria rise from there."""
    criteria = [candidate.fit.akaike for candidate in ranked(values.tolist()).candidates]

    assert ranked(values.tolist()).candidates[0].fit.model.name == family
    assert criteria == sorted(criteria)


def test_clustered_counts_are_negative_binomial_and_even_ones_poisson() -> None:
    """With chi-squares, and no distances that are meant for amounts."""
    chance = np.random.default_rng(6)
    both: tuple[FamilyName, ...] = ("poisson", "negativeBinomial")
    clustered = ranked(
        chance.negative_binomial(1, 0.2, 300).tolist(), kind="counts", families=both, samples=19
    )
    even = ranked(chance.binomial(20, 0.3, 300).tolist(), kind="counts", families=both)

    first = clustered.candidates[0]
    assert first.fit.model.name == "negativeBinomial"
    assert first.chi_square is not None
    assert first.kolmogorov_smirnov is first.anderson_darling is None
    assert [candidate.fit.model.name for candidate in even.candidates] == ["poisson"]
    assert [each.family for each in even.left_out] == ["negativeBinomial"]


def test_a_threshold_keeps_what_lies_above_it() -> None:
    """Excesses of an exponential are exponential again: shape 0 within five errors."""
    values = np.random.default_rng(7).exponential(10, 3000)
    ranking = ranked(values.tolist(), families=("generalisedPareto",), threshold=20)
    fit = ranking.candidates[0].fit

    assert ranking.values.tolist() == sorted(values[values > 20].tolist())
    assert fit.distribution.support[0] == 20
    assert fit.standard_errors is not None
    assert abs(fit.values[0]) < 5 * fit.standard_errors[0]


def test_the_same_seed_gives_the_same_p_values_whatever_else_is_asked() -> None:
    """Each family has its own random numbers."""
    values = np.random.default_rng(8).gamma(2, 3, 60).tolist()
    alone = ranked(values, families=("gamma",), samples=20, seed=5).candidates[0]
    among = {
        candidate.fit.model.name: candidate
        for candidate in ranked(values, samples=20, seed=5).candidates
    }

    assert alone.kolmogorov_smirnov == among["gamma"].kolmogorov_smirnov
    assert alone.anderson_darling == among["gamma"].anderson_darling


def test_a_stop_ends_the_bootstrap() -> None:
    """At the next sample."""

    def stop(fraction: float, message: str = "") -> None:
        if fraction > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        fit_observations(
            list(range(1, 30)), kind="amounts", families=("gamma",), threshold=0,
            bootstrap_samples=100, seed=1, progress=stop,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind", "threshold", "expected"),
    [
        ([1.0] * 20, "amounts", 0, "at least two that differ"),
        ([1 + 1e-13 * k for k in range(20)], "amounts", 0, "at least two that differ"),
        ([1e-300 * k for k in range(20)], "amounts", 0, "at least one of 1e-100 or more"),
        ([1.0, 2.0] * 4, "amounts", 0, "at least 10"),
        (list(range(20)), "amounts", 12, "at least 10 above the threshold"),
        ([-1.0, *range(20)], "amounts", 0, "from 0 up"),
        ([math.nan, *range(20)], "amounts", 0, "finite"),
        ([math.inf, *range(20)], "amounts", 0, "finite"),
        ([0.5, *range(20)], "counts", 0, "whole numbers"),
    ],
)
def test_data_that_say_nothing_are_refused(
    values: list[float], kind: ValueKind, threshold: float, expected: str
) -> None:
    """By the name of the field."""
    with pytest.raises(InvalidInput, match=expected) as refusal:
        ranked(values, kind=kind, threshold=threshold)

    assert refusal.value.field == "values"


def test_no_family_at_all_is_refused_with_each_reason() -> None:
    """So the caller knows what to ask for instead."""
    with pytest.raises(InvalidInput, match="beta needs values between 0 and 1") as refusal:
        ranked(list(range(1, 30)), families=("beta",))

    assert refusal.value.field == "families"


def test_a_bootstrap_of_hours_is_refused_with_what_would_do() -> None:
    """Values times families times samples."""
    check_work(1000, 5, MOST_WORK // 5000)
    with pytest.raises(InvalidInput, match=f"at most {MOST_WORK // 5000} for") as refusal:
        check_work(1000, 5, MOST_WORK // 5000 + 1)

    assert refusal.value.field == "bootstrap_samples"
    assert len(families_of("amounts")) == 5
