"""An exact answer held against simulated years, so that a wrong one is never given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scipy.special import bdtr, bdtrc, ndtri

from engines.prism.annual_loss_answers import AnnualLossAnswers

CHECK_TRIALS: Final = 1 << 16
"""Simulated years of a check: enough to see a probability of 1% wrong by a fifth of itself."""
WORST_DEVIATION: Final = 5.0
"""In standard errors; two right answers differ by more once in a hundred thousand checks."""

_PERCENTS: Final = (10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9)
_ALIKE: Final = 1e-4
"""Losses that differ by less are the same: an atom may lie a hair beside its place on a grid."""
_NOTHING: Final = 1e-12
"""What is less may be lost where numbers of a loss's size are added."""


class EnginesDisagree(ArithmeticError):
    """The exact answer and the simulated one cannot both be right: a defect of an engine."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How an exact answer compares with a simulated one."""

    trials: int
    compared: int
    largest_deviation: float
    """In standard errors of the simulation."""


def losses_to_compare(exact: AnnualLossAnswers) -> tuple[float, ...]:
    """Give losses from the body to the tail, ascending, 0 among them."""
    return tuple(sorted({0.0} | {exact.percentile(percent).value for percent in _PERCENTS}))


def check_agreement(
    exact: AnnualLossAnswers, losses: tuple[float, ...], exceeding: tuple[int, ...], trials: int
) -> Agreement:
    """Compare how many of `trials` years exceeded each loss with how many should have.

    The number of years is binomial. Its tail probability, which is exact for the rarest loss too,
    is given as the standard errors of a normal with the same. Means are not compared: those of
    heavy tails have no error that a normal describes.

    Raises `EnginesDisagree` beyond `WORST_DEVIATION`.
    """
    deviations = [
        _deviation(exact, loss, years, trials)
        for loss, years in zip(losses, exceeding, strict=True)
    ]
    worst = max(deviations)
    if worst > WORST_DEVIATION:
        at = deviations.index(worst)
        raise EnginesDisagree(
            f"the exact probability of a year above {losses[at]:g} is "
            f"{exact.probability_above(losses[at]).value:g}, but {exceeding[at]} of {trials} "
            f"simulated years were: {worst:.1f} standard errors apart"
        )
    return Agreement(trials=trials, compared=len(losses), largest_deviation=worst)


def _deviation(exact: AnnualLossAnswers, loss: float, years: int, trials: int) -> float:
    fewest = exact.probability_above(loss * (1 + _ALIKE) + _NOTHING).value
    most = exact.probability_above(loss * (1 - _ALIKE)).value
    if years > most * trials:
        chance = float(bdtrc(years - 1, trials, most))
    elif years < fewest * trials:
        chance = float(bdtr(years, trials, fewest))
    else:
        return 0.0
    # ndtri(0) is minus infinity: no year like that was possible.
    return max(0.0, -float(ndtri(chance)))
