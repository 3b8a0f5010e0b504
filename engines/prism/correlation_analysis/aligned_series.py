"""Series observed at the same times, and what becomes of the times that some of them miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput

Floats = NDArray[np.float64]
MissingData = Literal["refuse", "dropRows", "pairwise"]

MAX_SERIES: Final = 200
MAX_ROWS: Final = 20_000
MIN_ROWS: Final = 5
"""With fewer, the interval of Kendall's correlation does not exist."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AlignedSeries:
    """One column a series, one row a time; what is missing is NaN and there only `pairwise`."""

    names: tuple[str, ...]
    values: Floats
    """Of shape (rows, series)."""
    dates: tuple[date, ...] | None
    """One a row, ascending."""
    dropped_rows: int
    """That were left out because a series misses them."""

    @property
    def is_complete(self) -> bool:
        return not np.isnan(self.values).any()

    def pair(self, first: int, second: int) -> tuple[Floats, Floats]:
        """Give two columns where both are observed.

        Refused when that leaves too few rows, or one of the columns without variation.
        """
        both = ~np.isnan(self.values[:, first]) & ~np.isnan(self.values[:, second])
        if np.count_nonzero(both) < MIN_ROWS:
            raise InvalidInput(
                f"series.{second}.values",
                expected=f"at least {MIN_ROWS} rows shared with {self.names[first]!r}",
                received=np.count_nonzero(both),
            )
        columns = self.values[both, first], self.values[both, second]
        for index, column in zip((first, second), columns, strict=True):
            _refuse_constant(self.names, index, column)
        return columns


def aligned_series(
    names: Sequence[str],
    columns: Sequence[Sequence[float | None]],
    *,
    dates: Sequence[date] | None = None,
    missing: MissingData = "refuse",
) -> AlignedSeries:
    """Give series of equal length, missing values (None) treated as `missing` says.

    `refuse` takes none, `dropRows` leaves out every row that misses one, `pairwise` uses for each
    pair the rows that both have: more data, but correlations that may contradict each other.
    """
    if not 2 <= len(columns) <= MAX_SERIES:
        raise InvalidInput("series", expected=f"2 to {MAX_SERIES} series", received=len(columns))
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise InvalidInput("series", expected="a name for each", received=f"{twice!r} twice")
    rows = len(columns[0])
    if not MIN_ROWS <= rows <= MAX_ROWS:
        expected = f"{MIN_ROWS} to {MAX_ROWS} values"
        raise InvalidInput("series.0.values", expected=expected, received=rows)
    for index, column in enumerate(columns):
        if len(column) != rows:
            expected = f"{rows} values, as {names[0]!r} has"
            raise InvalidInput(f"series.{index}.values", expected=expected, received=len(column))
    _check_dates(dates, rows)
    values = np.array(columns, dtype=np.float64).T
    if np.isinf(values).any():
        raise InvalidInput("series", expected="finite values", received="infinity")
    if missing == "refuse":
        _refuse_missing(names, values)
    kept = ~np.isnan(values).any(axis=1) if missing == "dropRows" else np.ones(rows, dtype=bool)
    if np.count_nonzero(kept) < MIN_ROWS:
        expected = f"at least {MIN_ROWS} rows that every series has"
        raise InvalidInput("series", expected=expected, received=np.count_nonzero(kept))
    for index, column in enumerate(values[kept].T):
        _refuse_constant(names, index, column[~np.isnan(column)])
    return AlignedSeries(
        names=tuple(names),
        values=np.asfortranarray(values[kept]),  # read column by column
        dates=None if dates is None else tuple(np.array(dates, dtype=object)[kept]),
        dropped_rows=rows - int(np.count_nonzero(kept)),
    )


def _check_dates(dates: Sequence[date] | None, rows: int) -> None:
    if dates is None:
        return
    if len(dates) != rows:
        raise InvalidInput("dates", expected=f"{rows} dates, one a row", received=len(dates))
    for index, (earlier, later) in enumerate(pairwise(dates), start=1):
        if later <= earlier:
            expected = f"a date after {earlier.isoformat()}"
            raise InvalidInput(f"dates.{index}", expected=expected, received=later.isoformat())


def _refuse_missing(names: Sequence[str], values: Floats) -> None:
    for row, index in np.argwhere(np.isnan(values))[:1]:
        raise InvalidInput(
            f"series.{index}.values.{row}",
            expected="a value, or `missing` to be dropRows or pairwise",
            received=f"none for {names[index]!r}",
        )


def _refuse_constant(names: Sequence[str], index: int, observed: Floats) -> None:
    if observed.size == 0 or observed.min() == observed.max():
        received = f"{names[index]!r} is " + (
            f"always {observed[0]:g}" if observed.size else "empty"
        )
        raise InvalidInput(f"series.{index}.values", expected="values that vary", received=received)
