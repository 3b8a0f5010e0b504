"""Tables from a copula's own variable to the normal score of a rank.

Whatever the copula, a scenario's rank u in a year is handed on as its score z, the standard normal
value with P(Z <= z) = u: scores keep their digits in both tails, where u or 1 - u loses them. A
table is read with + - * / only, so that every processor reads the same bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtri, ndtri_exp, stdtr

from engines.prism.dependence.copulas import ClaytonCopula, FrankCopula, GumbelCopula
from engines.prism.dependence.correlation_matrix import Floats

HIGHEST_SCORE: Final = 8.2
"""The probability beyond is 1.2e-16. Scores end here on either side."""

T_CELLS_PER_OCTAVE: Final = 512
"""Of 1 + |t|: linear between nodes, a score is right to 2e-6."""
_ARCHIMEDEAN_CELLS: Final = 1 << 14
"""Linear between nodes, a score is right to 2e-6, for Clayton's copula at theta = 20 to 2e-5."""

Archimedean = ClaytonCopula | GumbelCopula | FrankCopula


@dataclass(frozen=True, eq=False)
class ScoreLink:
    """Scores at evenly spaced values x: `nodes[i]` at x = `start` + i / `per_unit`."""

    start: float
    per_unit: float
    nodes: Floats


def student_t_link(degrees_of_freedom: float) -> Floats:
    """Give the score of t >= 0 at the doubles 1 + t whose fraction has nine bits, ascending."""
    per_octave = T_CELLS_PER_OCTAVE
    octaves = 1
    while stdtr(degrees_of_freedom, 1 - 2.0**octaves) > math.exp(log_ndtr(-HIGHEST_SCORE)):
        octaves += 1
    cell = np.arange(octaves * per_octave + 1)
    t = np.ldexp(1 + cell % per_octave / per_octave, cell // per_octave) - 1
    return np.asarray(np.minimum(-ndtri(stdtr(degrees_of_freedom, -t)), HIGHEST_SCORE))


def archimedean_link(copula: Archimedean) -> ScoreLink:
    """Give the score of u = psi(exp(x)); it falls as x grows."""
    lowest, highest = _log_phi(copula, upper=True), _log_phi(copula, upper=False)
    x = np.linspace(lowest, highest, _ARCHIMEDEAN_CELLS + 1)
    log_below, log_above = _log_psi(copula, x)
    nodes = np.where(log_below < log_above, ndtri_exp(log_below), -ndtri_exp(log_above))
    return ScoreLink(lowest, _ARCHIMEDEAN_CELLS / (highest - lowest), nodes)


def _log_psi(copula: Archimedean, x: Floats) -> tuple[Floats, Floats]:
    """Give log u and log(1 - u) of u = psi(exp(x))."""
    match copula:
        case ClaytonCopula(theta):
            log_u = -np.logaddexp(0, x) / theta
        case GumbelCopula(theta):
            log_u = -np.exp(x / theta)
        case FrankCopula(theta):
            theta = abs(theta)
            y = np.exp(x)
            u = -np.log1p(math.expm1(-theta) * np.exp(-y)) / theta
            rest = np.log1p(-np.expm1(-y) * math.expm1(theta)) / theta
            return np.log(u), np.log(rest)
    return log_u, np.log(-np.expm1(log_u))


def _log_phi(copula: Archimedean, *, upper: bool) -> float:
    """Give the x at which psi(exp(x)) has the highest or the lowest score."""
    tail = float(np.exp(log_ndtr(-HIGHEST_SCORE)))
    minus_log_u = -math.log1p(-tail) if upper else -math.log(tail)
    match copula:
        case ClaytonCopula(theta):
            power = theta * minus_log_u
            return power + math.log(-math.expm1(-power))
        case GumbelCopula(theta):
            return theta * math.log(minus_log_u)
        case FrankCopula(theta):
            theta = abs(theta)
            if upper:
                gap = math.expm1(theta * tail) * math.exp(-theta) / -math.expm1(-theta)
                return math.log(-math.log1p(-gap))
            return math.log(-math.log(math.expm1(-theta * tail) / math.expm1(-theta)))
