"""The losses of positions from their returns, and what becomes of periods that miss one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engines.errors import InvalidInput
from engines.prism.market_risk.forecast import Matrix

MissingRows = Literal["refuse", "dropRows"]

MOST_PERIODS = 20_000
MOST_POSITIONS = 200


@dataclass(frozen=True, eq=False)
class PositionLosses:
    """One row a period in order of time, one column a position; positive is a loss."""

    losses: Matrix
    kept: NDArray[np.bool_]
    """Of the rows as they came, which are in `losses`."""

    @property
    def dropped(self) -> int:
        return int(np.count_nonzero(~self.kept))


def position_losses(
    columns: Sequence[Sequence[float | None]],
    *,
    amounts: Sequence[float],
    fields: Sequence[str],
    missing: MissingRows,
) -> PositionLosses:
    """Give each position's loss, -amount times return, in the periods that no column misses.

    A missing value (None) is refused at its column's name in `fields`, or with `dropRows` its
    period is left out for every column. The periods on either side of it then count as
    neighbours, for what follows the order of time.
    """
    for column, field in zip(columns, fields, strict=True):
        if len(column) != len(columns[0]):
            raise InvalidInput(
                field, expected=f"{len(columns[0])} values, as in the first", received=len(column)
            )
    values = np.array(columns, dtype=np.float64).T
    missed = np.isnan(values)
    if missing == "refuse" and missed.any():
        row, at = (int(index) for index in np.argwhere(missed)[0])
        raise InvalidInput(
            f"{fields[at]}.{row}", expected='a value, or `missing` "dropRows"', received="null"
        )
    kept = np.asarray(~missed.any(axis=1))
    return PositionLosses(-values[kept] * np.asarray(amounts), kept)


def check_dates(dates: Sequence[date] | None, periods: int) -> None:
    """Refuse dates that are not one a period, each after the one before."""
    if dates is None:
        return
    if len(dates) != periods:
        raise InvalidInput("dates", expected=f"{periods}, one a period", received=len(dates))
    for at, (earlier, later) in enumerate(pairwise(dates), start=1):
        if later <= earlier:
            raise InvalidInput(
                f"dates.{at}", expected=f"a date after {earlier}", received=str(later)
            )
