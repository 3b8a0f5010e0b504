"""Normal and RiskMetrics losses: printed figures, closed forms, and honest standard errors."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri

from engines.errors import InvalidInput
from engines.prism.market_risk.normal import Ewma, Normal, NormalLoss
from engines.prism.market_risk.student_t import StudentTLoss

PRINTED = Path(__file__).parents[3] / "reference/prism/normal_and_t_losses.csv"
DAILY = 10_000 * 0.2 / math.sqrt(250)


@pytest.mark.parametrize(
    "row", list(csv.DictReader(PRINTED.open())), ids=lambda row: row["percent"]
)
def test_the_printed_losses_of_a_share_position(row: dict[str, str]) -> None:
    """10,000 in one share of 20% a year: VaR normal and t (4 degrees), ES normal, to a digit."""
    percent = float(row["percent"])
    normal = NormalLoss(0.0, DAILY, None).forecast(percent)
    t = StudentTLoss(0.0, DAILY * math.sqrt(0.5), 4.0, 250).forecast(percent)

    assert normal.expected_shortfall is not None
    assert float(row["normal_var"]) == pytest.approx(normal.value_at_risk.value, abs=0.05)
    assert float(row["normal_es"]) == pytest.approx(normal.expected_shortfall.value, abs=0.05)
    assert float(row["t4_var"]) == pytest.approx(t.value_at_risk.value, abs=0.05)


@pytest.mark.parametrize("percent", [60.0, 95.0, 97.5, 99.9])
def test_shortfall_is_the_mean_of_the_quantiles_beyond(percent: float) -> None:
    """By quadrature, for a mean that is not zero."""
    p = percent / 100
    area, _ = quad(lambda u: -0.3 + 2 * ndtri(u), p, 1)

    shortfall = NormalLoss(-0.3, 2.0, 100).forecast(percent).expected_shortfall
    assert shortfall is not None
    assert shortfall.value == pytest.approx(area / (1 - p), rel=1e-6)


@pytest.mark.parametrize(("decay", "days"), [(0.94, 74), (0.97, 151)])
def test_riskmetrics_prints_how_many_days_hold_the_weight(decay: float, days: int) -> None:
    """74 days of 0.94 and 151 of 0.97 hold 99% (RiskMetrics Technical Document, table 5.7)."""
    assert Ewma(decay).shortest(99) == days


def test_the_weighted_variance_follows_its_recursion() -> None:
    """sigma^2(t+1) = decay sigma^2(t) + (1 - decay) loss^2, once the weights are full."""
    losses = np.random.default_rng(3).normal(size=(2001, 1))
    before = Ewma(0.94).fit(losses[:-1]).deviation
    after = Ewma(0.94).fit(losses).deviation

    assert after**2 == pytest.approx(0.94 * before**2 + 0.06 * losses[-1, 0] ** 2, rel=1e-12)


def test_weights_of_a_short_sample_sum_to_one() -> None:
    """Losses of one size have that deviation, however few."""
    losses = np.array([[2.0], [-2.0]] * 10)

    assert Ewma(0.94).fit(losses).deviation == pytest.approx(2.0, rel=1e-12)


def test_a_newer_sample_moves_the_weighted_volatility_only() -> None:
    """Between two fits RiskMetrics filters on, and a mean and variance stay."""
    losses = np.random.default_rng(3).normal(size=(200, 1))

    ewma, normal = Ewma().fit(losses[:100]), Normal().fit(losses[:100])
    assert ewma.moved_to(losses[100:, 0]) == Ewma().fit(losses[100:])
    assert normal.moved_to(losses[100:, 0]) == normal


@pytest.mark.parametrize("decay", [0.0, 1.0, -1.0, 2.0])
def test_a_decay_lies_between_zero_and_one(decay: float) -> None:
    """At one every period weighs the same for ever."""
    with pytest.raises(InvalidInput, match="decay"):
        Ewma(decay)


def test_what_varied_long_ago_only_has_no_weight() -> None:
    """A single loss twenty thousand periods back: 0.94^20000 of its square is nothing."""
    losses = np.zeros((20_000, 1))
    losses[0] = 1

    with pytest.raises(InvalidInput, match="vary lately"):
        Ewma().fit(losses)


@pytest.mark.parametrize("method", [Normal(), Ewma()])
def test_a_constant_loss_is_refused(method: Normal | Ewma) -> None:
    """It has no distribution to speak of; nor has one that varies in the last bit only."""
    for losses in (np.ones((100, 1)), 0.1 + np.tile([0, 1.4e-17], 50)[:, None]):
        with pytest.raises(InvalidInput, match="returns that vary"):
            method.fit(losses)
