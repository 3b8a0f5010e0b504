"""Between a rank correlation and the parameter of the copula that has it.

Spearman's and Kendall's correlations are of ranks, so they are a copula's own, whatever the
marginals; Pearson's, here, is that of the normals inside a Gaussian or t copula.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import spence

from engines.errors import InvalidInput

Floats = NDArray[np.float64]


def pearson_of_spearman(spearman: Floats) -> Floats:
    """Give the correlation of the normals of a Gaussian copula with this Spearman correlation.

    r = 2 sin(pi rho_S / 6): Kruskal, "Ordinal measures of association", Journal of the American
    Statistical Association 53, 1958; McNeil, Frey and Embrechts, Quantitative Risk Management
    (Princeton 2005), theorem 5.36. For a t copula it is close and not exact.

    Element by element: a positive semi-definite matrix may come out as one that is not.
    """
    return np.asarray(2 * np.sin(np.pi * spearman / 6))


def spearman_of_pearson(pearson: Floats) -> Floats:
    """Give the Spearman correlation of a Gaussian copula; the inverse of `pearson_of_spearman`."""
    return np.asarray(6 / np.pi * np.arcsin(pearson / 2))


def pearson_of_kendall(kendall: Floats) -> Floats:
    """Give the correlation of the normals of a Gaussian or t copula with this Kendall correlation.

    r = sin(pi tau / 2), for every elliptical copula: Lindskog, McNeil and Schmock, "Kendall's tau
    for elliptical distributions", in Credit Risk: Measurement, Evaluation and Management (2003);
    McNeil, Frey and Embrechts (2005), proposition 5.37.
    """
    return np.asarray(np.sin(np.pi * kendall / 2))


def kendall_of_pearson(pearson: Floats) -> Floats:
    """Give the Kendall correlation of a Gaussian or t copula."""
    return np.asarray(2 / np.pi * np.arcsin(pearson))


# The Archimedean copulas: Nelsen, An Introduction to Copulas (2nd ed., Springer 2006), section 5.1.


def clayton_of_kendall(kendall: float, *, field: str = "kendall") -> float:
    """Give Clayton's theta in [0, inf) for tau in [0, 1): theta = 2 tau / (1 - tau)."""
    _check(kendall, lowest=0, field=field)
    return 2 * kendall / (1 - kendall)


def kendall_of_clayton(theta: float) -> float:
    """Give tau = theta / (theta + 2)."""
    return theta / (theta + 2)


def gumbel_of_kendall(kendall: float, *, field: str = "kendall") -> float:
    """Give Gumbel's theta in [1, inf) for tau in [0, 1): theta = 1 / (1 - tau)."""
    _check(kendall, lowest=0, field=field)
    return 1 / (1 - kendall)


def kendall_of_gumbel(theta: float) -> float:
    """Give tau = 1 - 1 / theta."""
    return 1 - 1 / theta


def frank_of_kendall(kendall: float, *, field: str = "kendall") -> float:
    """Give Frank's theta for tau in (-1, 1); 0 is independence, negative only joins two."""
    _check(kendall, lowest=-1, field=field)
    if kendall < 0:
        return -frank_of_kendall(-kendall, field=field)
    if kendall == 0:
        return 0.0
    # D1 lies in (0, 1) and tau <= theta / 9, so both ends are beyond the root.
    low, high = 9 * kendall * (1 - 1e-9), 4 / (1 - kendall)
    return float(brentq(lambda theta: kendall_of_frank(theta) - kendall, low, high, xtol=1e-300))


def kendall_of_frank(theta: float) -> float:
    """Give tau = 1 - 4 (1 - D1(theta)) / theta, with Debye's function D1.

    Source: Genest, "Frank's family of bivariate distributions", Biometrika 74(3), 1987.
    """
    if abs(theta) < _SMALL:
        # D1 by its Bernoulli series (Abramowitz and Stegun, 27.1.1), where 1 - D1 would cancel.
        x = theta * theta
        return 4 * theta * (1 / 36 - x * (1 / 3600 - x * (1 / 211680 - x / 10886400)))
    return 1 - 4 * (1 - debye(theta)) / theta


_SMALL = 0.2
"""Below it four terms of the series are right to the last digit or two."""


def debye(x: float) -> float:
    """Give Debye's function D1(x), 1/x times the integral over [0, x] of t / (exp(t) - 1), x != 0.

    By the dilogarithm: Lewin, Polylogarithms and Associated Functions (North-Holland 1981),
    chapter 1. Below zero D1(-x) = D1(x) + x / 2 (Abramowitz and Stegun, section 27.1).
    """
    if x < 0:
        return debye(-x) - x / 2
    dilogarithm = float(spence(-math.expm1(-x)))
    return (math.pi**2 / 6 - dilogarithm) / x + math.log(-math.expm1(-x))


def _check(kendall: float, *, lowest: float, field: str) -> None:
    # Negated, so that NaN is refused; -1 itself is where only Frank's theta would be infinite.
    if not (lowest <= kendall < 1 and kendall > -1):
        expected = f"a Kendall correlation from {lowest}, below 1" if lowest == 0 else "in (-1, 1)"
        raise InvalidInput(field, expected=expected, received=kendall)
