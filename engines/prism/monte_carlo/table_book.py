"""Tables as they are written, one behind the other; equal distributions share one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from engines.prism.distributions import (
    Binomial,
    Constant,
    Distribution,
    Empirical,
    Floats,
    NegativeBinomial,
    Poisson,
)
from engines.prism.monte_carlo.quantile_table import TABLE_SIZE, quantile_table
from engines.prism.monte_carlo.step_table import step_table
from engines.prism.monte_carlo.tables import Arrays, Kind, Row
from engines.prism.quadrature import nodes_of

_WITH_ATOMS: Final = (Empirical, Poisson, NegativeBinomial, Binomial)


class TableBook:
    """Collects the tables of leaves, and the rows of scenarios that refer to them."""

    def __init__(self) -> None:
        self._lines: list[Floats] = []
        self._thresholds: list[np.ndarray] = []
        self._guides: list[np.ndarray] = []
        self._values: list[Floats] = []
        self._atoms = 0
        self._guide_cells = 0
        self._known: dict[Distribution, list[int]] = {}
        self._leaves: list[list[int]] = []
        self._rows: list[list[int]] = []

    @property
    def leaf_count(self) -> int:
        """How many leaves were added: the place of the next."""
        return len(self._leaves)

    @property
    def scenario_count(self) -> int:
        """How many scenarios were added."""
        return len(self._rows)

    def add_leaf(self, distribution: Distribution, *, stream: int, form: int = 0) -> int:
        """Add a leaf and give its place."""
        table = self._known.get(distribution)
        if table is None:
            table = self._known[distribution] = self._tabulate(distribution)
        self._leaves.append([*table, stream, form])
        return len(self._leaves) - 1

    def add_atoms(self, values: Floats, probabilities: Floats, *, stream: int) -> int:
        """Add a leaf that takes each of `values` with its probability, and give its place."""
        self._leaves.append([*self._step(values, probabilities), stream, 0])
        return len(self._leaves) - 1

    def add_lines(self, table: Floats, *, stream: int) -> int:
        """Add a leaf by its quantile table, and give its place."""
        self._leaves.append([*self._write_lines(table), stream, 0])
        return len(self._leaves) - 1

    def add_row(self, row: dict[Row, int]) -> None:
        """Add a scenario."""
        self._rows.append([row[column] for column in Row])

    def arrays(self, layers: Sequence[float], amounts: Sequence[float]) -> Arrays:
        """Give all that was written."""
        return Arrays(
            lines=np.concatenate([np.zeros(0), *self._lines]),
            thresholds=np.concatenate([np.zeros(0, np.uint64), *self._thresholds]),
            guides=np.concatenate([np.zeros(0, np.uint32), *self._guides]),
            values=np.concatenate([np.zeros(0), *self._values]),
            leaves=np.array(self._leaves, dtype=np.int64),
            scenarios=np.array(self._rows, dtype=np.int64),
            layers=np.array(layers, dtype=np.float64),
            amounts=np.array(amounts, dtype=np.float64),
        )

    def _tabulate(self, distribution: Distribution) -> list[int]:
        if isinstance(distribution, _WITH_ATOMS):
            return self._step(*nodes_of(distribution))
        if isinstance(distribution, Constant):
            self._write_atoms(np.array([distribution.value]), np.zeros(1, dtype=np.uint64))
            return [Kind.CONSTANT, self._atoms - 1, self._atoms, 0, 0, 0]
        return self._write_lines(quantile_table(distribution))

    def _write_lines(self, table: Floats) -> list[int]:
        first = len(self._lines) * TABLE_SIZE
        self._lines.append(table)
        return [Kind.LINES, first, first + TABLE_SIZE, 0, 0, 0]

    def _step(self, values: Floats, probabilities: Floats) -> list[int]:
        table = step_table(probabilities)
        first, guide_first = self._atoms, self._guide_cells
        self._write_atoms(values, table.thresholds)
        self._guides.append(table.guide)
        self._guide_cells += table.guide.size
        return [Kind.STEPS, first, self._atoms, guide_first, self._guide_cells, table.shift]

    def _write_atoms(self, values: Floats, thresholds: np.ndarray) -> None:
        self._values.append(values)
        self._thresholds.append(thresholds)
        self._atoms += values.size
