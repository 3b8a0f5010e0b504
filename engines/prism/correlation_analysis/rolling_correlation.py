"""How the correlation of two series has changed over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.correlation_analysis.aligned_series import MIN_ROWS, AlignedSeries, Floats
from engines.prism.correlation_analysis.pair_correlation import interval, pearson
from engines.progress import Progress, unreported

MAX_POINTS: Final = 20_000
"""Over all pairs: about two megabytes of result."""


@dataclass(frozen=True, kw_only=True)
class RollingPoint:
    """The Pearson correlation in one window, with its 95% interval."""

    last_row: int
    """Of the window, counted from 0 after dropped rows are gone."""
    value: float | None
    """None where the window has fewer than five shared rows, or one series is constant in it."""
    lower: float | None
    upper: float | None


def check_windows(*, rows: int, window: int, step: int, pairs: int) -> None:
    """Refuse a window that no rows fill, and more points than a result should hold."""
    if window > rows:
        raise InvalidInput("rolling.window", expected=f"at most the {rows} rows", received=window)
    points = pairs * ((rows - window) // step + 1)
    if points > MAX_POINTS:
        expected = f"a step that leaves at most {MAX_POINTS} points over all pairs"
        raise InvalidInput(
            "rolling.step", expected=expected, received=f"{step}, for {points} points"
        )


def rolling_correlation(
    series: AlignedSeries,
    first: int,
    second: int,
    *,
    window: int,
    step: int,
    progress: Progress = unreported,
) -> tuple[RollingPoint, ...]:
    """Give the Pearson correlation of each window of rows, the first from row 0, `step` apart.

    Neighbouring windows share rows: their points are not independent, and a change shows late.
    """
    columns = series.values[:, [first, second]]
    ends = range(window, len(columns) + 1, step)
    points: list[RollingPoint] = []
    for end in ends:
        progress(len(points) / len(ends), "following pairs")
        points.append(_point(columns[end - window : end], last_row=end - 1))
    return tuple(points)


def _point(columns: Floats, last_row: int) -> RollingPoint:
    shared = columns[~np.isnan(columns).any(axis=1)]
    if len(shared) < MIN_ROWS or (shared.min(axis=0) == shared.max(axis=0)).any():
        return RollingPoint(last_row=last_row, value=None, lower=None, upper=None)
    value = pearson(shared[:, 0], shared[:, 1])
    lower, upper = interval(np.array(value), np.array(len(shared)), "pearson")
    return RollingPoint(last_row=last_row, value=value, lower=float(lower), upper=float(upper))
