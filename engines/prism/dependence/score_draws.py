"""The dependent scores of all scenarios in a block of years, drawn by tables alone.

Tables are built once, where a simulation begins, and travel to wherever its blocks are computed:
`exp` and `log` differ in the last bit between processors, the tables' readers do not.

A block has a stream (see `random_state`) for each scenario and each shared variable, so the draws
of one do not depend on how many others there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numba import njit, uint64

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
from engines.prism.monte_carlo.quantile_table import (
    BATCH,
    TABLE_SIZE,
    Invertible,
    add_variates,
    quantile_table,
)
from engines.prism.monte_carlo.random_state import stream_start
from engines.progress import Progress, unreported

BLOCK_YEARS: Final = 1 << 11
"""Of a block: the scores of 20 scenarios then stay in a core's cache."""
FIRST_OWN: Final = 16
"""The stream of the first scenario; those of what is shared come before."""
_LOGARITHM_CELLS: Final = 1 << 12


@dataclass(frozen=True, eq=False)
class ScoreTables:
    """What it takes to draw the scores of a copula."""

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

    @classmethod
    def of(cls, copula: Copula, *, progress: Progress = unreported) -> Self:
        """Build the tables of a copula."""
        own: Invertible = LogExponential()
        shared: tuple[Invertible, ...] = ()
        factor = np.zeros((0, 0))
        link = ScoreLink(0.0, 1.0, np.zeros(0))
        match copula:
            case GaussianCopula(correlation):
                own = StandardNormal()
                factor = cholesky_factor(correlation.inside(progress=progress).matrix)
            case StudentTCopula(correlation=correlation, degrees_of_freedom=freedom):
                own, shared = StandardNormal(), (StudentTScale(freedom),)
                factor = cholesky_factor(correlation.inside(progress=progress).matrix)
                link = ScoreLink(0.0, 1.0, student_t_link(freedom))
            case ClaytonCopula(theta):
                shared = (LogGamma(1 / theta),)
                link = archimedean_link(copula)
            case GumbelCopula(theta):
                shared = (LogStableFactor(theta), LogExponential())
                link = archimedean_link(copula)
            case FrankCopula(theta):
                shared = (LogarithmicScale(abs(theta)), Exponential())
                link = archimedean_link(copula)
        rows = [quantile_table(each) for each in shared]
        return cls(
            own=quantile_table(own),
            shared=np.array(rows).reshape(-1, TABLE_SIZE),
            factor=factor,
            link=link,
            logarithms=np.log1p(np.arange(_LOGARITHM_CELLS + 1) / _LOGARITHM_CELLS),
        )


class ScoreDraws:
    """Draws scores block after block, into the same memory."""

    def __init__(self, copula: Copula, tables: ScoreTables, *, scenarios: int, seed: int) -> None:
        self._copula = copula
        self._tables = tables
        self._seed = seed
        self._scores = np.empty((scenarios, BLOCK_YEARS))
        self._shared = np.empty(BLOCK_YEARS)
        self._row = np.empty(BLOCK_YEARS)

    def block(self, block: int) -> Floats:
        """Give the scores (scenarios, `BLOCK_YEARS`) of a block; the next call overwrites them."""
        scores, tables = self._scores, self._tables
        _draw(scores, tables.own, self._seed, FIRST_OWN, block)
        match self._copula:
            case GaussianCopula():
                correlate(scores, tables.factor, self._row)
            case StudentTCopula():
                correlate(scores, tables.factor, self._row)
                scale = self._draw_shared(0, block)
                score_student_t(scores, scale, tables.link.nodes, self._row)
            case ClaytonCopula() | GumbelCopula() | FrankCopula() as archimedean:
                frailty = self._log_frailty(archimedean, block)
                link = tables.link
                score_archimedean(scores, frailty, link.start, link.per_unit, link.nodes)
                if archimedean.theta < 0:
                    scores[1] *= -1
        return scores

    def _log_frailty(self, copula: Archimedean, block: int) -> Floats:
        match copula:
            case ClaytonCopula():
                return self._draw_shared(0, block)
            case GumbelCopula(theta):
                log_exponential = self._draw_shared(1, block).copy()
                return self._draw_shared(0, block) - (theta - 1) * log_exponential
            case FrankCopula():
                exponential = self._draw_shared(1, block).copy()
                frailty = 1 + np.floor(exponential * self._draw_shared(0, block))
                logarithm(frailty, self._tables.logarithms)
                return frailty

    def _draw_shared(self, k: int, block: int) -> Floats:
        _draw(self._shared[None, :], self._tables.shared[k], self._seed, k, block)
        return self._shared


@njit(cache=True)
def _draw(out, table, seed, first_stream, block):  # type: ignore[no-untyped-def]
    """Fill each row of `out` with variates of `table`, each from a stream of its own."""
    cells, tails = np.empty(BATCH, np.uint64), np.empty(BATCH)
    out[:] = 0.0
    for k in range(out.shape[0]):
        start = stream_start(seed, first_stream + k, block)
        add_variates(out[k], table, start, uint64(0), cells, tails)
