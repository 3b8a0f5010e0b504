"""What exceeds a high threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from engines.errors import InvalidInput
from engines.prism.distributions.distribution import Floats
from engines.prism.distributions.parameters import check_mean, check_positive, check_range


@dataclass(frozen=True)
class GeneralisedPareto:
    """A generalised Pareto over `threshold`: survival (1 + shape * y / scale) ** (-1 / shape).

    y is the excess over the threshold. A positive shape has a power tail with index 1 / shape, 0
    is the exponential, a negative one ends at threshold - scale / shape.

    Source: McNeil, Frey and Embrechts, Quantitative Risk Management (revised ed., Princeton 2015),
    section 5.2.1; Loss Models (4th ed.), appendix A, has the same limited mean for its Pareto.
    """

    shape: float
    scale: float
    threshold: float = 0.0

    SMALLEST_SHAPE: ClassVar[float] = -5.0
    """At -1 the excess is uniform; below, its density is infinite at the end."""

    def __post_init__(self) -> None:
        if not self.SMALLEST_SHAPE <= self.shape < 1:
            expected = f"at least {self.SMALLEST_SHAPE:g} and less than 1, where the mean ends"
            raise InvalidInput("shape", expected=expected, received=self.shape)
        check_positive("scale", self.scale)
        check_range("threshold", self.threshold)
        check_mean("scale", self.mean)

    @property
    def mean(self) -> float:
        return self.threshold + self.scale / (1 - self.shape)

    @property
    def variance(self) -> float:
        if self.shape >= 0.5:
            return math.inf
        return (self.scale / (1 - self.shape)) ** 2 / (1 - 2 * self.shape)

    @property
    def support(self) -> tuple[float, float]:
        end = math.inf if self.shape >= 0 else self.threshold - self.scale / self.shape
        return self.threshold, end

    def cdf(self, x: Floats) -> Floats:
        return np.asarray(-np.expm1(self._log_survival(x)))

    def survival(self, x: Floats) -> Floats:
        return np.asarray(np.exp(self._log_survival(x)))

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(self.threshold - self.scale * special.boxcox1p(-p, -self.shape))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(self.threshold - self.scale * special.boxcox(p, -self.shape))

    def limited_mean(self, x: Floats) -> Floats:
        excess_mean = self.scale / (1 - self.shape)
        beyond = np.expm1((1 - self.shape) * self._log_survival(x))
        return np.where(x < self.threshold, x, self.threshold - excess_mean * beyond)

    def _log_survival(self, x: Floats) -> Floats:
        excess = np.maximum(x - self.threshold, 0) / self.scale
        if self.shape == 0:
            return np.asarray(-excess)
        with np.errstate(divide="ignore"):
            inside = np.log1p(np.maximum(self.shape * excess, -1))
        return np.asarray(-inside / self.shape)
