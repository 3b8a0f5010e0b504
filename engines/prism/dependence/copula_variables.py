"""The random variables that copulas are made of, by the quantiles they are drawn by.

The t copula scales the correlated normals of a year by one chi-square variable. An Archimedean
copula has a frailty V that all scenarios of a year share: U_k = psi(E_k / V) with independent
exponential E_k has the copula whose psi is the Laplace transform of V (Marshall and Olkin,
"Families of multivariate distributions", Journal of the American Statistical Association 83, 1988,
pp. 834-841). V is gamma for Clayton's copula, positive stable for Gumbel's, logarithmic for
Frank's. Logarithms are drawn where E / V itself would overflow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri, xlogy

from engines.prism.dependence.correlation_matrix import Floats


@dataclass(frozen=True)
class StandardNormal:
    """Of mean 0 and variance 1."""

    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(ndtri(p))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(-ndtri(p))


@dataclass(frozen=True)
class Exponential:
    """Of mean 1."""

    support: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(-np.log1p(-p))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(-np.log(p))


@dataclass(frozen=True)
class LogExponential:
    """The logarithm of an exponential variable of mean 1."""

    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def quantile(self, p: Floats) -> Floats:
        return np.asarray(np.log(-np.log1p(-p)))

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(np.log(-np.log(p)))


@dataclass(frozen=True)
class StudentTScale:
    """sqrt(v / chi-square of v degrees of freedom): times a standard normal it is a t variable."""

    degrees_of_freedom: float
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def quantile(self, p: Floats) -> Floats:
        half = self.degrees_of_freedom / 2
        return np.asarray(np.sqrt(half / gammainccinv(half, p)))

    def upper_quantile(self, p: Floats) -> Floats:
        half = self.degrees_of_freedom / 2
        return np.asarray(np.sqrt(half / gammaincinv(half, p)))


@dataclass(frozen=True)
class LogGamma:
    """The logarithm of a gamma variable of scale 1."""

    shape: float
    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def quantile(self, p: Floats) -> Floats:
        # Far down P(V <= v) = v^shape / Gamma(shape + 1), the first term of Abramowitz and Stegun,
        # 6.5.29. There the quantile itself may be below the smallest double.
        far_down = (np.log(p) + math.lgamma(self.shape + 1)) / self.shape
        with np.errstate(divide="ignore"):
            quantile = np.log(gammaincinv(self.shape, p))
        return np.where(far_down < -40, far_down, quantile)

    def upper_quantile(self, p: Floats) -> Floats:
        return np.asarray(np.log(gammainccinv(self.shape, p)))


@dataclass(frozen=True)
class LogStableFactor:
    """log a of a positive stable V = a / W^(theta - 1), with an exponential W.

    a = sin(T / theta) sin((1 - 1/theta) T)^(theta - 1) / sin(T)^theta at an angle T that is uniform
    from 0 to pi; the Laplace transform of V is exp(-s^(1/theta)). Source: Kanter, "Stable densities
    under change of scale and total variation inequalities", Annals of Probability 3, 1975.
    """

    theta: float
    support: ClassVar[tuple[float, float]] = (-math.inf, math.inf)

    def quantile(self, p: Floats) -> Floats:
        return self._at(np.pi * p, np.sin(np.pi * p))

    def upper_quantile(self, p: Floats) -> Floats:
        return self._at(np.pi - np.pi * p, np.sin(np.pi * p))

    def _at(self, angle: Floats, sine: Floats) -> Floats:
        theta = self.theta
        inner = xlogy(theta - 1, np.sin((1 - 1 / theta) * angle))
        return np.asarray(np.log(np.sin(angle / theta)) + inner - theta * np.log(sine))


@dataclass(frozen=True)
class LogarithmicScale:
    """-1 / log(1 - exp(-theta u)), u uniform.

    V = 1 + floor(W times this), with an exponential W, has the logarithmic distribution of
    parameter 1 - exp(-theta): Kemp, "Efficient generation of logarithmically distributed
    pseudo-random variables", Applied Statistics 30, 1981, algorithm LK.
    """

    theta: float
    support: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def quantile(self, p: Floats) -> Floats:
        x = self.theta * p
        with np.errstate(divide="ignore"):
            # Either form loses its digits where the other keeps them.
            return np.where(x < 1, -1 / np.log(-np.expm1(-x)), -1 / np.log1p(-np.exp(-x)))

    def upper_quantile(self, p: Floats) -> Floats:
        return self.quantile(1 - p)
