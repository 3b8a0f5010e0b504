"""What all scenarios of an Archimedean copula share in a year: its frailty V.

U_k = psi(E_k / V) with independent exponential E_k has the copula with the generator inverse psi,
if psi is the Laplace transform of V: Marshall and Olkin, "Families of multivariate distributions",
Journal of the American Statistical Association 83, 1988, pp. 834-841. V is gamma for Clayton,
positive stable for Gumbel, logarithmic for Frank. Here are the quantiles to draw it by, as
logarithms: E / V itself would overflow.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammainccinv, gammaincinv, xlogy

from engines.prism.dependence.correlation_matrix import Floats


def log_exponential(p: Floats, *, upper: bool) -> Floats:
    """Give the logarithm of the quantile of the standard exponential at p, or at 1 - p."""
    return np.asarray(np.log(-np.log(p)) if upper else np.log(-np.log1p(-p)))


def log_gamma(shape: float, p: Floats, *, upper: bool) -> Floats:
    """Give the logarithm of the gamma quantile at p, or at 1 - p; also where that underflows.

    Far down P(V <= v) = v^shape / Gamma(shape + 1): Abramowitz and Stegun, 6.5.29, its first term.
    """
    if upper:
        return np.asarray(np.log(gammainccinv(shape, p)))
    far_down = (np.log(p) + math.lgamma(shape + 1)) / shape
    with np.errstate(divide="ignore"):
        quantile = np.log(gammaincinv(shape, p))
    return np.where(far_down < -40, far_down, quantile)


def log_stable_factor(theta: float, p: Floats, *, upper: bool) -> Floats:
    """Give log a at the angle T = pi p, or pi (1 - p).

    V = a / W^(theta - 1) with an exponential W is positive stable, of Laplace transform
    exp(-s^(1/theta)), where a = sin(T / theta) sin((1 - 1/theta) T)^(theta - 1) / sin(T)^theta:
    Kanter, "Stable densities under change of scale", Annals of Probability 3, 1975, pp. 697-707.
    """
    turn = np.pi * p
    angle = np.pi - turn if upper else turn
    return np.asarray(
        np.log(np.sin(angle / theta))
        + xlogy(theta - 1, np.sin((1 - 1 / theta) * angle))
        - theta * np.log(np.sin(turn))
    )


def logarithmic_scale(theta: float, p: Floats, *, upper: bool) -> Floats:
    """Give -1 / log(1 - exp(-theta u)) at u = p, or 1 - p.

    V = 1 + floor(W times this) with an exponential W has the logarithmic distribution of parameter
    1 - exp(-theta): Kemp, "Efficient generation of logarithmically distributed pseudo-random
    variables", Applied Statistics 30, 1981, pp. 249-253, algorithm LK.
    """
    x = theta * (1 - p if upper else p)
    # Either form loses its digits where the other keeps them.
    return np.where(x < 1, -1 / np.log(-np.expm1(-x)), -1 / np.log1p(-np.exp(-x)))
