"""Rank correlations against closed forms, numerical integration and samples."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from engines.errors import InvalidInput
from engines.prism.dependence.rank_correlation import (
    clayton_of_kendall,
    debye,
    frank_of_kendall,
    gumbel_of_kendall,
    kendall_of_clayton,
    kendall_of_frank,
    kendall_of_gumbel,
    kendall_of_pearson,
    pearson_of_kendall,
    pearson_of_spearman,
    spearman_of_pearson,
)

correlations = st.floats(-1, 1)


@given(correlations)
def test_gaussian_conversions_undo_each_other(correlation: float) -> None:
    """There and back, for Spearman's and Kendall's."""
    value = np.array([correlation])

    assert spearman_of_pearson(pearson_of_spearman(value)) == pytest.approx(value, abs=1e-12)
    # At +-1 the sine is flat: half of the digits are lost there and nowhere else.
    assert kendall_of_pearson(pearson_of_kendall(value)) == pytest.approx(value, abs=1e-7)


def test_known_points_of_the_gaussian_conversions() -> None:
    """Exact values of the sine: tau 1/3 is a half, rho_S 1 is 1, none is none."""
    points = np.array([-1, 0, 1 / 3, 1])

    assert pearson_of_kendall(points) == pytest.approx([-1, 0, 0.5, 1])
    assert pearson_of_spearman(np.array([-1.0, 0, 1])) == pytest.approx([-1, 0, 1])


def test_samples_have_the_rank_correlations_promised() -> None:
    """40,000 pairs of normals at 0.6, within five standard errors of at most 1 / sqrt(n)."""
    n = 40_000
    pairs = np.random.default_rng(5).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], n)
    spearman = stats.spearmanr(pairs).statistic
    kendall = stats.kendalltau(*pairs.T).statistic

    assert spearman == pytest.approx(spearman_of_pearson(np.array(0.6)), abs=5 / math.sqrt(n))
    assert kendall == pytest.approx(kendall_of_pearson(np.array(0.6)), abs=5 / math.sqrt(n))


@pytest.mark.parametrize("x", [-30, -2, -0.1, 0.1, 0.2, 1, 5, 30, 700])
def test_debyes_function_is_its_integral(x: float) -> None:
    """By quadrature of the definition."""
    area, _ = integrate.quad(lambda t: t / math.expm1(t) if t else 1.0, 0, x, limit=200)

    assert debye(x) == pytest.approx(area / x, rel=1e-9)


def test_debyes_function_is_as_printed() -> None:
    """Abramowitz and Stegun, table 27.1: D1(1) = 0.777505, D1(2) = 0.606947, D1(10) = 0.164443."""
    assert [round(debye(x), 6) for x in (1, 2, 10)] == [0.777505, 0.606947, 0.164443]


@pytest.mark.parametrize("theta", [0.1999999, 0.2000001])
def test_franks_series_meets_the_closed_form(theta: float) -> None:
    """Where one takes over from the other, both hold."""
    closed = 1 - 4 * (1 - debye(theta)) / theta

    assert kendall_of_frank(theta) == pytest.approx(closed, rel=1e-11)


@pytest.mark.parametrize(
    ("theta_of", "kendall_of", "lowest"),
    [
        (clayton_of_kendall, kendall_of_clayton, 0.0),
        (gumbel_of_kendall, kendall_of_gumbel, 0.0),
        (frank_of_kendall, kendall_of_frank, -0.99),
    ],
    ids=["clayton", "gumbel", "frank"],
)
def test_archimedean_conversions_undo_each_other(
    theta_of: Callable[[float], float], kendall_of: Callable[[float], float], lowest: float
) -> None:
    """From nothing, through the tiny, to nearly one."""
    for kendall in (lowest, 0.0, 1e-12, 1e-3, 0.25, 0.5, 0.9, 0.999):
        assert kendall_of(theta_of(kendall)) == pytest.approx(kendall, rel=1e-10)


def test_known_points_of_the_archimedean_conversions() -> None:
    """A half is Clayton 2, Gumbel 2 and Frank 5.736."""
    assert clayton_of_kendall(0.5) == 2
    assert gumbel_of_kendall(0.5) == 2
    assert round(frank_of_kendall(0.5), 3) == 5.736


@pytest.mark.parametrize("convert", [clayton_of_kendall, gumbel_of_kendall, frank_of_kendall])
@pytest.mark.parametrize("kendall", [1.0, -1.0, 1.5, math.nan, math.inf])
def test_what_no_copula_has_is_refused(convert: Callable[..., float], kendall: float) -> None:
    """Perfect dependence has no finite parameter; the field is named."""
    with pytest.raises(InvalidInput) as refusal:
        convert(kendall, field="dependence.kendall")
    assert refusal.value.field == "dependence.kendall"


@pytest.mark.parametrize("convert", [clayton_of_kendall, gumbel_of_kendall])
def test_negative_dependence_is_franks_alone(convert: Callable[[float], float]) -> None:
    """Clayton's and Gumbel's copulas here join more than two, and have none."""
    with pytest.raises(InvalidInput, match="from 0, below 1"):
        convert(-0.1)
