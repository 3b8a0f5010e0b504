"""Student t losses against quadrature, scipy's fit and the likelihood's own curvature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from engines.errors import InvalidInput
from engines.prism.market_risk.student_t import (
    MOST_FREEDOM,
    StudentT,
    StudentTLoss,
    expected_information,
    fit_student_t,
)


@pytest.mark.parametrize(("freedom", "printed"), [(3, 4.541), (4, 3.747), (10, 2.764), (30, 2.457)])
def test_quantiles_are_those_of_the_t_table(freedom: float, printed: float) -> None:
    """The 99% points as every table prints them."""
    value = StudentTLoss(0.0, 1.0, freedom, 100).forecast(99).value_at_risk.value

    assert printed == pytest.approx(value, abs=0.0005)


@pytest.mark.parametrize("freedom", [1.5, 3.0, 8.0, 60.0])
def test_shortfall_is_the_mean_of_the_quantiles_beyond(freedom: float) -> None:
    """By quadrature of the loss over its density."""
    model = StudentTLoss(1.0, 2.0, freedom, 100)
    forecast = model.forecast(97.5)
    start = (forecast.value_at_risk.value - 1) / 2
    area, _ = quad(lambda z: z * stats.t.pdf(z, freedom), start, math.inf, limit=500)

    assert forecast.expected_shortfall is not None
    assert forecast.expected_shortfall.value == pytest.approx(1 + 2 * area / 0.025, rel=1e-5)


@pytest.mark.parametrize("freedom", [1.3, 4.0, 12.0])
def test_the_likelihood_is_at_its_highest(freedom: float) -> None:
    """At least as high as where scipy's simplex ends, and flat: to nine digits of it."""
    losses = stats.t.rvs(freedom, loc=5, scale=0.01, size=1500, random_state=2)
    found = fit_student_t(losses)

    peers = stats.t.fit(losses, freedom, loc=5, scale=0.01)
    ours = stats.t.logpdf(losses, found.freedom, found.location, found.scale).sum()
    assert ours >= stats.t.logpdf(losses, *peers).sum() * (1 - 1e-9)
    assert (found.freedom, found.location, found.scale) == pytest.approx(peers, rel=2e-3)


def test_the_information_is_the_mean_square_of_the_score() -> None:
    """By its definition, the derivatives taken numerically and the mean by quadrature."""
    scale, freedom = 1.7, 6.0

    def score(x: float) -> np.ndarray:
        steps = np.diag([1e-5, 1e-5, 1e-4])
        at = np.array([0.0, scale, freedom])
        return np.array(
            [
                (_log_density(x, *(at + step)) - _log_density(x, *(at - step))) / (2 * step.sum())
                for step in steps
            ]
        )

    def mean_of(row: int, column: int) -> float:
        def weighted(x: float) -> float:
            slopes = score(x)
            return float(
                slopes[row] * slopes[column] * math.exp(_log_density(x, 0, scale, freedom))
            )

        return 2 * quad(weighted, 0, 400, limit=300)[0] if (row == 0) == (column == 0) else 0.0

    expected = [[mean_of(row, column) for column in range(3)] for row in range(3)]
    assert expected_information(scale, freedom) == pytest.approx(
        np.array(expected), rel=1e-3, abs=1e-6
    )


def test_normal_losses_are_said_to_have_no_fat_tail() -> None:
    """The degrees of freedom end at their bound, with a caution and without a standard error."""
    losses = stats.norm.ppf((np.arange(500) + 0.5) / 500)
    model = StudentT().fit(losses[:, None])

    assert model.freedom == pytest.approx(MOST_FREEDOM, rel=1e-6)
    assert model.cautions == ("tailAtBound",)
    assert model.forecast(99).value_at_risk.standard_error is None


def test_mostly_equal_losses_are_refused() -> None:
    """Their likelihood grows without end around the value they share."""
    losses = np.zeros((200, 1))
    losses[:20, 0] = np.arange(20)

    with pytest.raises(InvalidInput, match="more than half"):
        StudentT().fit(losses)


def _log_density(x: float, location: float, scale: float, freedom: float) -> float:
    return float(stats.t.logpdf(x, freedom, location, scale))
