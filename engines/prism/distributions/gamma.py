"""An amount, or a rate, with a tail that falls exponentially."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_mean, check_positive, check_range


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution with mean shape * scale; shape 1 is the exponential.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), appendix A.3.2.1.
    """

    shape: float
    scale: float

    SMALLEST_SHAPE: ClassVar[float] = 0.01
    """There half of the probability lies below 1e-30 of the scale."""
    LARGEST_SHAPE: ClassVar[float] = 1e6
    """Beyond this the curve is a spike: use a constant."""

    def __post_init__(self) -> None:
        check_range("shape", self.shape, self.SMALLEST_SHAPE, self.LARGEST_SHAPE)
        check_positive("scale", self.scale)
        check_mean("scale", self.mean)

    @property
    def mean(self) -> float:
        return self.shape * self.scale

    @property
    def variance(self) -> float:
        return self.shape * self.scale**2

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    def cdf(self, x: Floats) -> Floats:
        return np.asarray(special.gammainc(self.shape, self._scaled(x)))

    def survival(self, x: Floats) -> Floats:
        return np.asarray(special.gammaincc(self.shape, self._scaled(x)))

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(self.scale * special.gammaincinv(self.shape, p))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(self.scale * special.gammainccinv(self.shape, p))

    def limited_mean(self, x: Floats) -> Floats:
        below = self.mean * special.gammainc(self.shape + 1, self._scaled(x))
        finite = np.where(np.isinf(x), 0, x)
        return np.where(x < 0, x, below + finite * self.survival(x))

    def _scaled(self, x: Floats) -> Floats:
        return np.maximum(x, 0) / self.scale
