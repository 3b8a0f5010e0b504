"""The picture is a PNG, whatever the curve."""

from __future__ import annotations

import struct

import pytest

from engines.prism.exceedance_picture import (
    MarkedAppetite,
    MarkedPercentile,
    exceedance_picture,
    short_amount,
)
from engines.prism.risk_measures import ExceedancePoint


def point(loss: float, probability: float) -> ExceedancePoint:
    return ExceedancePoint(
        loss=loss, probability=probability, lower=probability * 0.9, upper=probability * 1.05
    )


CURVE = [point(1e4, 0.8), point(1e5, 0.5), point(1e6, 0.05), point(1e7, 0.001)]


def draw(
    curve: list[ExceedancePoint],
    *,
    title: str = "Ransomware",
    percentiles: tuple[MarkedPercentile, ...] = (),
    appetite: MarkedAppetite | None = None,
) -> bytes:
    return exceedance_picture(
        curve,
        title=title,
        currency="EUR",
        percentiles=percentiles,
        appetite=appetite,
        footnote="1,000 simulated years",
    )


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_same_curve_is_the_same_file() -> None:
    """So that the store keeps it once."""
    assert draw(CURVE) == draw(CURVE)


def test_what_is_marked_is_seen() -> None:
    """Percentiles and the appetite change the picture."""
    marked = MarkedPercentile(percent=95, loss=1e6)
    accepted = MarkedAppetite(loss=2e6, probability=0.03)

    assert (
        len({draw(CURVE), draw(CURVE, percentiles=(marked,)), draw(CURVE, appetite=accepted)}) == 3
    )


@pytest.mark.parametrize(
    ("curve", "appetite"),
    [
        ([point(5.0, 1.0)], 5.0),
        ([point(5.0, 1e-9)], 1e15),
        ([point(1e-3, 0.9), point(1e15, 1e-9)], 0.0),
    ],
    ids=["one point", "one rare point", "eighteen decades"],
)
def test_extreme_curves_can_be_drawn(curve: list[ExceedancePoint], appetite: float) -> None:
    """With the appetite on, far above and far below the axis."""
    marks = (MarkedPercentile(percent=50, loss=0.0), MarkedPercentile(percent=99, loss=5.0))
    png = draw(curve, percentiles=marks, appetite=MarkedAppetite(loss=appetite, probability=0.5))

    assert size(png) == (1440, 840)


@pytest.mark.parametrize("title", ["$5 \\frac{", "x" * 200, "Größe", "a_b^c"])
def test_a_title_is_text(title: str) -> None:
    """Nothing in it is taken for a formula, and any length fits."""
    assert size(draw(CURVE, title=title)) == (1440, 840)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.5, "0.5"), (7, "7"), (999, "999"), (999.9, "1k"), (1_250_000, "1.25M"), (3e13, "30T")],
)
def test_amounts_are_short(amount: float, text: str) -> None:
    """Three digits and a suffix."""
    assert text == short_amount(amount)
