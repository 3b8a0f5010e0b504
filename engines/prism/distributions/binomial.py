"""A number of successes among independent trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from engines.errors import InvalidInput
from engines.prism.distributions.counting import LARGEST_COUNT, cornish_fisher, smallest_count
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_range


@dataclass(frozen=True)
class Binomial:
    """A binomial count; with one trial, an event that happens or does not.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), appendix B.2.1.3. Its
    distribution function is an incomplete beta function: Abramowitz and Stegun, 26.5.24.
    """

    trials: int
    probability: float

    def __post_init__(self) -> None:
        check_range("trials", self.trials, 1, LARGEST_COUNT)
        if self.trials != int(self.trials):
            raise InvalidInput("trials", expected="a whole number", received=self.trials)
        check_range("probability", self.probability, 0, 1)

    @property
    def mean(self) -> float:
        return self.trials * self.probability

    @property
    def variance(self) -> float:
        return self.mean * (1 - self.probability)

    @property
    def support(self) -> tuple[float, float]:
        low = self.trials if self.probability == 1 else 0
        high = self.trials if self.probability > 0 else 0
        return float(low), float(high)

    def cdf(self, x: Floats) -> Floats:
        return self._cdf(np.floor(x), self.trials)

    def survival(self, x: Floats) -> Floats:
        count = np.floor(x)
        inside = np.clip(count, 0, self.trials - 1)
        after = special.betainc(inside + 1, self.trials - inside, self.probability)
        return np.where(count < 0, 1.0, np.where(count >= self.trials, 0.0, after))

    def quantile(self, p: Floats) -> Floats:
        return smallest_count(self.cdf, p, self._guess(special.ndtri(p)))

    def upper_quantile(self, p: Floats) -> Floats:
        guess = self._guess(-special.ndtri(p))
        return smallest_count(lambda count: -self.survival(count), -p, guess)

    def limited_mean(self, x: Floats) -> Floats:
        # n P(N = n) = mean P(M = n - 1), where M has one trial less.
        below = self.mean * self._cdf(np.floor(x) - 1, self.trials - 1)
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x < 0, x, below + finite * self.survival(x))

    def _cdf(self, count: Floats, trials: int) -> Floats:
        inside = np.clip(count, 0, max(trials - 1, 0))
        within = special.betaincc(inside + 1, np.maximum(trials - inside, 1), self.probability)
        return np.where(count < 0, 0.0, np.where(count >= trials, 1.0, within))

    def _guess(self, z: Floats) -> Floats:
        guess = cornish_fisher(self.mean, self.variance, 0.0, z)
        return np.clip(guess, 0, self.trials)
