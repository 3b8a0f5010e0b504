"""An exact answer that is wrong does not pass; one that is right does."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtri

from engines.prism.annual_loss_answers import Estimate, ExceedancePoint
from engines.prism.cross_check import EnginesDisagree, check_agreement, losses_to_compare

TRIALS = 1 << 16


@dataclass(frozen=True)
class ExponentialYears:
    """Half the years cost nothing, the others an exponential amount: all in closed form."""

    scale: float = 1000.0

    def probability_above(self, amount: float) -> Estimate:
        share = 0.5 * math.exp(-amount / self.scale) if amount >= 0 else 1.0
        return Estimate(share, share, share)

    def percentile(self, percent: float) -> Estimate:
        beyond = 1 - percent / 100
        loss = 0.0 if beyond >= 0.5 else -self.scale * math.log(2 * beyond)
        return Estimate(loss, loss, loss)

    def mean(self) -> Estimate:
        return Estimate(self.scale / 2, None, None)

    def standard_deviation(self) -> float | None:
        return None

    def probability_of_loss(self) -> Estimate:
        return self.probability_above(0.0)

    def tail_value_at_risk(self, percent: float) -> Estimate:
        return Estimate(self.percentile(percent).value + self.scale, None, None)

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        return ()


def years_above(losses: tuple[float, ...], *, scale: float, seed: int) -> tuple[int, ...]:
    random = np.random.Generator(np.random.Philox(key=seed))
    costs = random.exponential(scale, TRIALS) * (random.random(TRIALS) < 0.5)
    return tuple(int((costs > loss).sum()) for loss in losses)


@pytest.mark.parametrize("seed", range(20))
def test_a_right_answer_passes(seed: int) -> None:
    """With its simulation within five standard errors at every loss compared."""
    exact = ExponentialYears()
    losses = losses_to_compare(exact)
    agreement = check_agreement(exact, losses, years_above(losses, scale=1000.0, seed=seed), TRIALS)

    assert agreement.compared == len(losses) == 7
    assert 0 <= agreement.largest_deviation < 5


@pytest.mark.parametrize("wrong", [0.95, 1.05])
def test_a_wrong_answer_fails(wrong: float) -> None:
    """Losses a twentieth too small or too large are seen."""
    exact = ExponentialYears()
    losses = losses_to_compare(exact)

    with pytest.raises(EnginesDisagree, match=r"standard errors apart$"):
        check_agreement(exact, losses, years_above(losses, scale=wrong * 1000.0, seed=1), TRIALS)


def test_a_deviation_is_in_standard_errors() -> None:
    """For many years, those of the normal that the binomial becomes."""
    exact = ExponentialYears()
    loss = exact.percentile(75).value
    error = math.sqrt(TRIALS * 0.25 * 0.75)
    years = round(TRIALS * 0.25 + 3 * error)
    agreement = check_agreement(exact, (loss,), (years,), TRIALS)

    assert agreement.largest_deviation == pytest.approx(3, abs=0.05)


def test_what_cannot_happen_fails() -> None:
    """A single year beyond what the exact answer calls impossible is enough."""

    @dataclass(frozen=True)
    class Nothing(ExponentialYears):
        def probability_above(self, amount: float) -> Estimate:
            return Estimate(0.0, 0.0, 0.0)

    assert ndtri(0.0) == -math.inf
    with pytest.raises(EnginesDisagree, match="inf standard errors"):
        check_agreement(Nothing(), (0.0,), (1,), TRIALS)
