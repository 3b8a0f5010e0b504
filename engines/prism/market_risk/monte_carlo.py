"""Monte Carlo: joint normal or Student t losses of the positions, simulated and summed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import (
    Caution,
    Forecast,
    Matrix,
    Vector,
    varying_total,
)
from engines.prism.market_risk.historical import empirical_forecast
from engines.prism.market_risk.loss_quantile import Convention, exact_share
from engines.prism.market_risk.normal import Normal

MOST_VARIATES = 20_000_000
"""Draws times positions: a quarter of a second of work between two reports of progress."""
_CHUNK = 1 << 15


@dataclass(frozen=True, kw_only=True)
class MonteCarlo:
    """Draws from the sample's mean and covariance; the same seed gives the same numbers.

    With `freedom` the losses are jointly Student t (a common chi-square divides them), its scale
    matrix chosen so that the covariance is the sample's.
    """

    draws: int
    seed: int
    freedom: float | None = None
    convention: Convention = "inverted_cdf"

    def __post_init__(self) -> None:
        if self.freedom is not None and self.freedom <= 2:
            raise InvalidInput(
                "degreesOfFreedom",
                expected="more than 2, for there to be a covariance",
                received=self.freedom,
            )

    def shortest(self, percent: float) -> int:
        """Give 30, as for `Normal`; refuses a level with fewer than 100 draws beyond it."""
        needed = math.ceil(100 / (1 - exact_share(percent)))
        if self.draws < needed:
            raise InvalidInput(
                "method.draws",
                expected=f"at least {needed} for {percent:g} per cent",
                received=self.draws,
            )
        return 30

    def check_size(self, positions: int) -> None:
        """Refuse more variates than can be drawn between two reports of progress."""
        if self.draws * positions > MOST_VARIATES:
            raise InvalidInput(
                "method.draws",
                expected=f"at most {MOST_VARIATES // positions} with {positions} positions",
                received=self.draws,
            )

    def moments(self, sample: Matrix) -> tuple[Vector, Matrix]:
        return Normal().moments(sample)

    def fit(self, sample: Matrix) -> SimulatedLosses:
        """Simulate the portfolio's loss; raises `InvalidInput` for too many variates."""
        varying_total(sample)
        positions = sample.shape[1]
        self.check_size(positions)
        means, covariance = self.moments(sample)
        # With fewer periods than positions the covariance is singular: no Cholesky factor.
        values, vectors = eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0))
        # A period's losses are root @ z; of them only the sum is kept.
        summed = root.sum(axis=0)
        generator = np.random.Generator(np.random.Philox(key=self.seed))
        losses = np.empty(self.draws)
        for first in range(0, self.draws, _CHUNK):
            part = losses[first : first + _CHUNK]
            part[:] = generator.standard_normal((part.size, positions)) @ summed
            if self.freedom is not None:
                mixing = generator.chisquare(self.freedom, part.size)
                part *= np.sqrt((self.freedom - 2) / mixing)
            part += means.sum()
        deviation = math.sqrt(float(covariance.sum()))
        return SimulatedLosses(losses, float(means.sum()), deviation, self.convention)


@dataclass(frozen=True, eq=False)
class SimulatedLosses:
    """Simulated losses of the next period."""

    losses: Vector
    mean: float
    """Of the portfolio in the sample, not over the draws."""
    deviation: float
    convention: Convention

    @property
    def parameters(self) -> Mapping[str, float]:
        return {"mean": self.mean, "standardDeviation": self.deviation}

    @property
    def cautions(self) -> tuple[Caution, ...]:
        return ("simulationErrorOnly",)

    def forecast(self, percent: float) -> Forecast:
        """Give VaR and ES of the simulated losses; the intervals are the simulation's error."""
        return empirical_forecast(self.losses, percent, self.convention)

    def moved_to(self, losses: Vector) -> SimulatedLosses:
        return self
