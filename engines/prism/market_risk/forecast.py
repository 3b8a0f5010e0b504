"""What a method says of the next period's loss, and what every method can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

Z_975 = 1.959963984540054
"""The 97.5th percentile of a standard normal."""

SMALLEST_VARIANCE = 1e-200
"""Below it the moments of losses run out of digits; no currency has such a unit."""

Caution = Literal[
    "squareRootOfTime",
    "notMonotone",
    "tailAtBound",
    "infiniteShortfall",
    "simulationErrorOnly",
]


@dataclass(frozen=True)
class RiskEstimate:
    """A loss, its standard error and its 95% interval; `None` where no standard one exists."""

    value: float
    standard_error: float | None = None
    lower: float | None = None
    upper: float | None = None

    @classmethod
    def of_error(cls, value: float, standard_error: float) -> RiskEstimate:
        """Give an estimate with the interval of a normal one."""
        margin = Z_975 * standard_error
        return cls(value, standard_error, value - margin, value + margin)

    def scaled(self, factor: float) -> RiskEstimate:
        """Give the estimate of a loss `factor` times as large."""
        error, lower, upper = (
            None if each is None else factor * each
            for each in (self.standard_error, self.lower, self.upper)
        )
        return RiskEstimate(factor * self.value, error, lower, upper)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The loss exceeded in 100 - `percent` per cent of periods, and the mean beyond it."""

    percent: float
    value_at_risk: RiskEstimate
    expected_shortfall: RiskEstimate | None
    """`None` where the fitted tail has no mean."""

    def scaled_to(self, periods: int) -> Forecast:
        """Give the forecast over some periods by the square root of time.

        Exact only for independent normal losses of mean zero (Daníelsson and Zigrand, Journal of
        Banking and Finance 30(10), 2006, on when it is not).
        """
        factor = periods**0.5
        shortfall = self.expected_shortfall
        return Forecast(
            percent=self.percent,
            value_at_risk=self.value_at_risk.scaled(factor),
            expected_shortfall=None if shortfall is None else shortfall.scaled(factor),
        )


class Model(Protocol):
    """A method fitted to a sample."""

    @property
    def parameters(self) -> Mapping[str, float]:
        """What was estimated, by name; losses in the units of the sample."""

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What a reader of the forecasts must know."""

    def forecast(self, percent: float) -> Forecast:
        """Give the VaR and ES of the next period at a level in per cent."""

    def moved_to(self, losses: Vector) -> Model:
        """Give the model at the end of a newer sample, its estimated parameters kept."""


class Method(Protocol):
    """A way to forecast, before it has seen a sample."""

    def shortest(self, percent: float) -> int:
        """Give the number of periods that a forecast at this level needs."""

    def fit(self, sample: Matrix) -> Model:
        """Fit to losses, one row a period in order of time and one column a position."""


def tail_of(percent: float) -> float:
    """Give the probability beyond a level."""
    return (100 - percent) / 100


def varying_total(sample: Matrix) -> Vector:
    """Give the portfolio's loss in each period, refused where it is always the same."""
    losses: Vector = sample.sum(axis=1)
    # Squares of losses below 1e-154 are zero, and so would be their variance.
    if np.ptp(losses) <= 1e-12 * np.abs(losses).max() or losses.var() < SMALLEST_VARIANCE:
        raise InvalidInput("returns", expected="returns that vary", received="a constant loss")
    return losses
