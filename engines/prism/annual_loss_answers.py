"""What can be asked of an annual loss, however it was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Estimate:
    """A value and its limits: a 95% interval where it was simulated, else what discretisation may
    have moved it. A limit is `None` where there are too few trials for one."""

    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, kw_only=True)
class ExceedancePoint:
    """The probability that a year costs `loss` or more."""

    loss: float
    probability: float
    lower: float
    upper: float


class AnnualLossAnswers(Protocol):
    """The distribution of an amount a year: gross, ceded or net losses, or the largest event's."""

    def mean(self) -> Estimate:
        """The expected annual loss."""

    def standard_deviation(self) -> float | None:
        """`None` where there is none, or too few trials for one."""

    def probability_of_loss(self) -> Estimate:
        """P(S > 0)."""

    def probability_above(self, amount: float) -> Estimate:
        """P(S > amount)."""

    def percentile(self, percent: float) -> Estimate:
        """The value at risk: the smallest x with P(S <= x) >= percent / 100."""

    def tail_value_at_risk(self, percent: float) -> Estimate:
        """The mean of the worst (100 - percent) per cent of years.

        Source: Acerbi and Tasche, Journal of Banking and Finance 26 (2002), pp. 1487-1503: with an
        atom at the percentile only the part of it that belongs to the tail counts.
        """

    def exceedance_curve(self, points: int) -> tuple[ExceedancePoint, ...]:
        """P(S >= x) for up to `points` losses, ascending; empty when there is never a loss."""
