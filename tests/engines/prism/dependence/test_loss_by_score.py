"""The tables of losses say what the quantiles say, atoms and jumps included."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special, stats

from engines.prism.annual_loss_answers import Estimate
from engines.prism.dependence.loss_by_score import Invertible, LossByScore, look_up_losses

SCORES = np.random.default_rng(8).standard_normal(40_000)


@dataclass(frozen=True)
class Lognormal:
    """A loss with probability `some`, lognormal then."""

    some: float
    sigma: float

    def probability_of_loss(self) -> Estimate:
        return Estimate(self.some, None, None)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        inside = np.maximum(u - (1 - self.some), 0) / self.some
        return 1e5 * np.exp(self.sigma * special.ndtri(inside))


@dataclass(frozen=True)
class PoissonTimes:
    """A Poisson number of events, each of the same cost, and a little that varies."""

    rate: float
    cost: float
    more: float = 0.0

    def probability_of_loss(self) -> Estimate:
        return Estimate(-math.expm1(-self.rate), None, None)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        count = stats.poisson.ppf(u, self.rate)
        return np.where(count > 0, self.cost * count + self.more * u, 0.0)


@dataclass(frozen=True)
class Nothing:
    """Never a loss."""

    def probability_of_loss(self) -> Estimate:
        return Estimate(0.0, 0.0, 0.0)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        return np.zeros_like(u)


def looked_up(*losses: Invertible) -> tuple[np.ndarray, np.ndarray]:
    """Losses of all scenarios at the same scores, and their total."""
    table = LossByScore.of(losses)
    scores, total = np.tile(SCORES, (len(losses), 1)), np.empty(SCORES.size)
    look_up_losses(scores, table.arrays, total, np.empty(SCORES.size, dtype=np.uint64))
    return scores, total


@pytest.mark.parametrize("some", [0.05, 0.9, 1.0])
def test_a_smooth_loss_is_its_quantile(some: float) -> None:
    """To 1e-5 in the mean, and to 2e-5 in the upper half of the years with a loss."""
    loss = Lognormal(some, 1.5)
    (found,), _ = looked_up(loss)
    expected = loss.quantile(special.ndtr(SCORES))
    upper = expected > 1e5

    assert found.mean() == pytest.approx(expected.mean(), rel=1e-5)
    assert found[upper] == pytest.approx(expected[upper], rel=2e-5)
    assert ((found > 0) == (expected > 0)).all()


@pytest.mark.parametrize("rate", [0.01, 0.7, 3.0, 40.0])
def test_a_loss_that_jumps_is_one_of_its_atoms(rate: float) -> None:
    """Events of one cost: no year costs anything in between."""
    loss = PoissonTimes(rate, 1000.0)
    (found,), _ = looked_up(loss)

    assert found == pytest.approx(loss.quantile(special.ndtr(SCORES)), rel=1e-12)


def test_between_jumps_a_loss_is_still_smooth() -> None:
    """On both sides of a jump within a cell."""
    loss = PoissonTimes(3.0, 1000.0, more=500.0)
    (found,), _ = looked_up(loss)

    assert found == pytest.approx(loss.quantile(special.ndtr(SCORES)), abs=1e-3)


def test_years_are_added_up() -> None:
    """Over smooth scenarios, jumping ones, and one that never has a loss."""
    each, total = looked_up(Lognormal(0.5, 1.0), PoissonTimes(2.0, 1000.0), Nothing())

    assert total == pytest.approx(each.sum(axis=0))
    assert not each[2].any()


def test_scores_beyond_the_table_are_those_at_its_end() -> None:
    """However far out, a loss is finite."""
    table = LossByScore.of([Lognormal(1.0, 2.0)])
    scores, total = np.array([[-9.0, 7.0, 9.0, 1e300]]), np.empty(4)
    look_up_losses(scores, table.arrays, total, np.empty(4, dtype=np.uint64))

    assert total[0] == 0
    assert total[1] == total[2] == total[3] == pytest.approx(1e5 * math.exp(14), rel=1e-4)
