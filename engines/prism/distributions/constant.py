"""A value known for sure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_range


@dataclass(frozen=True)
class Constant:
    """All probability on one value."""

    value: float

    def __post_init__(self) -> None:
        check_range("value", self.value)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def variance(self) -> float:
        return 0.0

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def cdf(self, x: Floats) -> Floats:
        return np.where(x >= self.value, 1.0, 0.0)

    def survival(self, x: Floats) -> Floats:
        return np.where(x < self.value, 1.0, 0.0)

    def quantile(self, p: Floats) -> Floats:
        return np.full_like(p, self.value)

    def upper_quantile(self, p: Floats) -> Floats:
        return np.full_like(p, self.value)

    def limited_mean(self, x: Floats) -> Floats:
        return np.minimum(x, self.value)
