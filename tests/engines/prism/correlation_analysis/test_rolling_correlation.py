"""The correlation of windows of rows."""

from __future__ import annotations

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.correlation_analysis.aligned_series import AlignedSeries, aligned_series
from engines.prism.correlation_analysis.rolling_correlation import (
    check_windows,
    rolling_correlation,
)


def regime_change() -> AlignedSeries:
    """Two series that move together for 50 rows and against each other for 50 more."""
    x = np.random.default_rng(0).standard_normal(100)
    y = np.concatenate([x[:50], -x[50:]])
    return aligned_series(["x", "y"], [x.tolist(), y.tolist()])


def test_a_change_of_regime_is_seen() -> None:
    """One in the windows before, minus one in those after."""
    points = rolling_correlation(regime_change(), 0, 1, window=25, step=25)

    assert [point.last_row for point in points] == [24, 49, 74, 99]
    assert [point.value for point in points] == pytest.approx([1, 1, -1, -1])


def test_a_window_of_all_rows_is_the_correlation() -> None:
    """By NumPy's own."""
    series = regime_change()
    (point,) = rolling_correlation(series, 0, 1, window=100, step=1)

    assert point.value == pytest.approx(np.corrcoef(series.values.T)[0, 1])
    assert point.lower is not None
    assert point.upper is not None
    assert point.lower < 0 < point.upper


def test_a_window_without_enough_to_go_by_has_no_value() -> None:
    """Constant in it, or fewer than five rows that both have."""
    series = aligned_series(
        ["x", "y"],
        [[1.0] * 5 + [1, 2, 3, 4, 5] + [1, None, 3, 4, 5], [float(k * k) for k in range(15)]],
        missing="pairwise",
    )
    points = rolling_correlation(series, 0, 1, window=5, step=5)

    assert [point.value is None for point in points] == [True, False, True]


@pytest.mark.parametrize(
    ("window", "step", "pairs", "field"),
    [(101, 1, 1, "rolling.window"), (5, 1, 300, "rolling.step")],
)
def test_windows_that_give_nothing_or_too_much_are_refused(
    window: int, step: int, pairs: int, field: str
) -> None:
    """Before anything is computed."""
    with pytest.raises(InvalidInput) as refusal:
        check_windows(rows=100, window=window, step=step, pairs=pairs)
    assert refusal.value.field == field


def test_a_stop_ends_it_at_the_next_window() -> None:
    """Twenty thousand windows of thousands of rows take many seconds."""
    told: list[float] = []

    def stop(fraction: float, message: str = "") -> None:
        told.append(fraction)
        if fraction >= 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        rolling_correlation(regime_change(), 0, 1, window=25, step=25, progress=stop)
    assert told == [0.0, 0.25, 0.5]
