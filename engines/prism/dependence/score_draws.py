"""The dependent scores of all scenarios in a block of years, drawn by tables alone.

Tables are built once, where a simulation begins, and travel to wherever its blocks are computed:
`exp` and `log` differ in the last bit between processors, the tables' readers do not.

A block has a stream (see `random_state`) for each scenario and each shared variable, so the draws
of one do not depend on how many others there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numba import uint64

from engines.prism.dependence.copula_variables import (
    Exponential,
    LogarithmicScale,
    LogExponential,
    LogGamma,
    LogStableFactor,
    StandardNormal,
    StudentTScale,
)
from engines.prism.dependence.copulas import (
    ClaytonCopula,
    Copula,
    Correlation,
    FrankCopula,
    GaussianCopula,
    GumbelCopula,
    StudentTCopula,
)
from engines.prism.dependence.correlation_matrix import Floats, cholesky_factor
from engines.prism.dependence.score_link import (
    Archimedean,
    ScoreLink,
    archimedean_link,
    student_t_link,
)
from engines.prism.dependence.scores import (
    correlate,
    logarithm,
    score_archimedean,
    score_student_t,
)
from engines.prism.monte_carlo.compiled import compiled
from engines.prism.monte_carlo.quantile_table import (
    TABLE_SIZE,
    Invertible,
    add_variates,
    quantile_table,
)
from engines.prism.monte_carlo.random_state import BATCH, stream_start
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS
from engines.progress import Progress, unreported

_FIRST_SHARED: Final = 1 << 20
"""The stream of the first shared variable. Those before are of what events cost."""
_FIRST_OWN: Final = _FIRST_SHARED + 16
"""The stream of the first scenario's own variable."""
_LOGARITHM_CELLS: Final = 1 << 12


class Family(StrEnum):
    """The kinds of copulas."""

    GAUSSIAN = "gaussian"
    STUDENT_T = "studentT"
    CLAYTON = "clayton"
    GUMBEL = "gumbel"
    FRANK = "frank"


@dataclass(frozen=True, eq=False)
class ScoreTables:
    """What it takes to draw the scores of a copula."""

    family: Family
    theta: float
    """The parameter of an Archimedean copula; 0 of others."""
    own: Floats
    """The quantile table that each scenario draws from."""
    shared: Floats
    """The quantile tables, one a row, of what all scenarios share."""
    factor: Floats
    """The Cholesky factor of the correlation matrix; empty without one."""
    link: ScoreLink
    """From the copula's own variable to scores; empty where that is a score."""
    logarithms: Floats
    """Nodes for `scores.logarithm`."""
    repair_distance: float = 0.0
    """How far the correlation matrix was moved to make it possible: the Frobenius norm."""

    @classmethod
    def of(cls, copula: Copula, *, progress: Progress = unreported) -> Self:
        """Build the tables of a copula."""
        match copula:
            case GaussianCopula(correlation):
                return cls._elliptical(Family.GAUSSIAN, correlation, (), _NO_LINK, progress)
            case StudentTCopula(correlation=correlation, degrees_of_freedom=freedom):
                link = ScoreLink(0.0, 1.0, student_t_link(freedom))
                shared = (StudentTScale(freedom),)
                return cls._elliptical(Family.STUDENT_T, correlation, shared, link, progress)
            case ClaytonCopula(theta):
                return cls._archimedean(Family.CLAYTON, copula, LogGamma(1 / theta))
            case GumbelCopula(theta):
                shared_by_gumbel = LogStableFactor(theta), LogExponential()
                return cls._archimedean(Family.GUMBEL, copula, *shared_by_gumbel)
            case FrankCopula(theta):
                shared_by_frank = LogarithmicScale(abs(theta)), Exponential()
                return cls._archimedean(Family.FRANK, copula, *shared_by_frank)

    @classmethod
    def _elliptical(
        cls,
        family: Family,
        correlation: Correlation,
        shared: tuple[Invertible, ...],
        link: ScoreLink,
        progress: Progress,
    ) -> Self:
        matrix, distance = correlation.inside(progress=progress)
        factor = cholesky_factor(matrix)
        own = quantile_table(StandardNormal())
        return cls(family, 0.0, own, _stacked(shared), factor, link, np.zeros(0), distance)

    @classmethod
    def _archimedean(cls, family: Family, copula: Archimedean, *shared: Invertible) -> Self:
        own = quantile_table(LogExponential())
        logarithms = np.log1p(np.arange(_LOGARITHM_CELLS + 1) / _LOGARITHM_CELLS)
        link = archimedean_link(copula)
        none = np.zeros((0, 0))
        return cls(family, copula.theta, own, _stacked(shared), none, link, logarithms)


_NO_LINK = ScoreLink(0.0, 1.0, np.zeros(0))


def _stacked(shared: tuple[Invertible, ...]) -> Floats:
    tables = [quantile_table(each) for each in shared]
    return np.array(tables, dtype=np.float64).reshape(-1, TABLE_SIZE)


class ScoreDraws:
    """Draws scores block after block, into the same memory."""

    def __init__(self, tables: ScoreTables, *, scenarios: int, seed: int) -> None:
        self._tables = tables
        self._seed = seed
        self._scores = np.empty((scenarios, BLOCK_TRIALS))
        self._shared = np.empty((2, BLOCK_TRIALS))
        self._row = np.empty(BLOCK_TRIALS)

    def block(self, block: int) -> Floats:
        """Give the scores (scenarios, `BLOCK_TRIALS`) of a block; the next call overwrites them."""
        scores, tables, shared = self._scores, self._tables, self._shared
        _draw(scores, tables.own, self._seed, _FIRST_OWN, block)
        for k, table in enumerate(tables.shared):
            _draw(shared[k : k + 1], table, self._seed, _FIRST_SHARED + k, block)
        match tables.family:
            case Family.GAUSSIAN:
                correlate(scores, tables.factor)
            case Family.STUDENT_T:
                correlate(scores, tables.factor)
                score_student_t(scores, shared[0], tables.link.nodes, self._row)
            case _:
                link = tables.link
                frailty = self._log_frailty()
                score_archimedean(scores, frailty, link.start, link.per_unit, link.nodes)
                if tables.theta < 0:
                    scores[1] *= -1
        return scores

    def _log_frailty(self) -> Floats:
        first, second = self._shared
        match self._tables.family:
            case Family.GUMBEL:
                return np.asarray(first - (self._tables.theta - 1) * second)
            case Family.FRANK:
                frailty = 1 + np.floor(second * first)
                logarithm(frailty, self._tables.logarithms)
                return frailty
        return first


@compiled
def _draw(out, table, seed, first_stream, block):  # type: ignore[no-untyped-def]
    """Fill each row of `out` with variates of `table`, each from a stream of its own."""
    cells, tails = np.empty(BATCH, np.uint64), np.empty(BATCH)
    out[:] = 0.0
    for k in range(out.shape[0]):
        start = stream_start(seed, first_stream + k, block)
        add_variates(out[k], table, start, uint64(0), cells, tails)
