"""Losses have the sign that is promised, and what is missing is never guessed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.market_risk.position_losses import (
    MissingRows,
    PositionLosses,
    check_dates,
    position_losses,
)

FIELDS = ["positions.0.returns", "positions.1.returns"]


def taken(*columns: list[float | None], missing: MissingRows = "refuse") -> PositionLosses:
    return position_losses(columns, amounts=[100.0, -50.0], fields=FIELDS, missing=missing)


def test_a_loss_is_positive() -> None:
    """-2% of 100 held is a loss of 2; of 50 sold short it is a gain of 1."""
    assert taken([-0.02, 0.01], [-0.02, 0.0]).losses.tolist() == [[2.0, -1.0], [-1.0, 0.0]]


def test_a_missing_return_is_refused_at_its_place() -> None:
    """By default: nobody may think that a hole was zero."""
    with pytest.raises(InvalidInput, match=r"^positions\.1\.returns\.2: expected a value"):
        taken([0.1, 0.2, 0.3], [0.1, 0.2, None])


def test_a_period_that_one_misses_is_dropped_for_all() -> None:
    """When asked; what stays keeps its order, and it is said how many went."""
    rest = taken([0.1, None, 0.3, 0.4], [0.1, 0.2, None, 0.4], missing="dropRows")

    assert rest.losses[:, 0] == pytest.approx([-10, -40])
    assert rest.kept.tolist() == [True, False, False, True]
    assert rest.dropped == 2


def test_columns_are_of_one_length() -> None:
    """The one that is not is named, with the length it should have."""
    with pytest.raises(InvalidInput, match=r"^positions\.1\.returns: expected 3 values"):
        taken([0.1, 0.2, 0.3], [0.1, 0.2])


def test_dates_are_ascending_and_one_a_period() -> None:
    """Absent dates are as good."""
    first, second = date(2024, 1, 1), date(2024, 1, 2)
    check_dates(None, 2)
    check_dates([first, second], 2)

    with pytest.raises(InvalidInput, match=r"^dates: expected 3"):
        check_dates([first, second], 3)
    for dates in ([second, first], [first, first]):
        with pytest.raises(InvalidInput, match=r"^dates\.1: expected a date after"):
            check_dates(dates, 2)


def test_nothing_left_is_no_array_of_nothing() -> None:
    """All periods dropped: an empty matrix with its columns, for the sample's length to refuse."""
    assert taken([None, 0.1], [0.1, None], missing="dropRows").losses.shape == (0, 2)
    assert np.isfinite(taken([0.0], [1.0]).losses).all()
