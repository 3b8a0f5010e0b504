"""What becomes of missing values, and which series are refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.correlation_analysis.aligned_series import AlignedSeries, aligned_series

DAYS = [date(2026, 1, 1) + timedelta(days=day) for day in range(7)]
GAPS = ([1.0, None, 3, 4, 5, 7, 6], [2.0, 1, 4, 3, 6, None, 8])


def align(*columns: Sequence[float | None], **terms: object) -> AlignedSeries:
    names = [f"s{index}" for index in range(len(columns))]
    return aligned_series(names, columns, **terms)  # type: ignore[arg-type]


def test_missing_values_are_refused_unless_told_otherwise() -> None:
    """The first of them is named: which series, which row."""
    with pytest.raises(InvalidInput, match="none for 's0'") as refusal:
        align(*GAPS)
    assert refusal.value.field == "series.0.values.1"


def test_rows_with_gaps_can_be_dropped() -> None:
    """With their dates, and their number is told."""
    series = align(*GAPS, dates=DAYS, missing="dropRows")

    assert series.values.tolist() == [[1, 2], [3, 4], [4, 3], [5, 6], [6, 8]]
    assert series.dates == tuple(DAYS[row] for row in (0, 2, 3, 4, 6))
    assert series.dropped_rows == 2
    assert series.is_complete


def test_pairs_can_use_what_they_share() -> None:
    """No row is dropped: another pair may have it."""
    series = align(*GAPS, missing="pairwise")
    x, y = series.pair(0, 1)

    assert series.values.shape == (7, 2)
    assert not series.is_complete
    assert np.column_stack([x, y]).tolist() == [[1, 2], [3, 4], [4, 3], [5, 6], [6, 8]]


@pytest.mark.parametrize("missing", ["refuse", "dropRows", "pairwise"])
def test_a_constant_series_is_refused_by_name(missing: str) -> None:
    """It has no correlation with anything."""
    with pytest.raises(InvalidInput, match="'s1' is always 5") as refusal:
        align([1.0, 2, 3, 4, 5], [5.0] * 5, missing=missing)
    assert refusal.value.field == "series.1.values"


def test_a_series_constant_where_shared_is_refused_by_name() -> None:
    """It varies only where the other is missing."""
    series = align([1.0, 2, 3, 4, 5, None], [5.0, 5, 5, 5, 5, 6], missing="pairwise")

    with pytest.raises(InvalidInput, match="'s1' is always 5"):
        series.pair(0, 1)


def test_pairs_that_share_too_little_are_refused() -> None:
    """Five rows are the least."""
    series = align([1.0, 2, 3, 4, 5, 6, None, None], [None, None, 3.0, 4, 5, 6, 7, 8],
                   missing="pairwise")  # fmt: skip

    with pytest.raises(InvalidInput, match="shared with 's0', received 4"):
        series.pair(0, 1)


@pytest.mark.parametrize(
    ("columns", "terms", "field"),
    [
        ([[1.0, 2, 3, 4, 5]], {}, "series"),
        ([[1.0, 2, 3, 4, 5]] * 201, {}, "series"),
        ([[1.0, 2, 3, 4], [1.0, 2, 3, 5]], {}, "series.0.values"),
        ([[1.0, 2, 3, 4, 5], [1.0, 2, 3, 5]], {}, "series.1.values"),
        ([[0.0, 1] * 10_001] * 2, {}, "series.0.values"),
        ([[1.0, 2, 3, 4, math.inf], [1.0, 2, 3, 4, 5]], {}, "series"),
        ([[1.0, 2, 3, 4, 5]] * 2, {"dates": DAYS[:4]}, "dates"),
        ([[1.0, 2, 3, 4, 5]] * 2, {"dates": [*DAYS[:4], DAYS[3]]}, "dates.4"),
        ([[None] * 5, [1.0, 2, 3, 4, 5]], {"missing": "dropRows"}, "series"),
        ([[None] * 5, [1.0, 2, 3, 4, 5]], {"missing": "pairwise"}, "series.0.values"),
    ],
)  # fmt: skip
def test_what_is_not_aligned_is_refused(
    columns: list[list[float | None]], terms: dict[str, object], field: str
) -> None:
    """Too few or many series, rows that differ in number, dates out of order, nothing left."""
    with pytest.raises(InvalidInput) as refusal:
        align(*columns, **terms)
    assert refusal.value.field == field


def test_a_name_means_one_series() -> None:
    """Results are told apart by name."""
    with pytest.raises(InvalidInput, match="'a' twice"):
        aligned_series(["a", "a"], [[1.0, 2, 3, 4, 5]] * 2)
