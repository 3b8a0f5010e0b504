"""The picture is a PNG or an SVG, whatever the curve."""

from __future__ import annotations

import struct
from typing import Literal
from xml.etree import ElementTree

import pytest

from engines.prism.annual_loss_answers import ExceedancePoint
from engines.prism.exceedance_picture import (
    LabelledCurve,
    MarkedAppetite,
    MarkedPercentile,
    exceedance_picture,
)


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
    appetite_curve: tuple[tuple[float, float], ...] = (),
    net: list[ExceedancePoint] | None = None,
    format: Literal["png", "svg"] = "png",
) -> bytes:
    curves = [LabelledCurve(label="gross", points=curve)]
    if net is not None:
        curves.append(LabelledCurve(label="net", points=net))
    return exceedance_picture(
        curves,
        title=title,
        currency="EUR",
        percentiles=percentiles,
        appetite=appetite,
        appetite_curve=appetite_curve,
        footnote="1,000 simulated years",
        format=format,
    )


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_curve_is_the_same_file(format: Literal["png", "svg"]) -> None:
    """So that the store keeps it once."""
    assert draw(CURVE, format=format) == draw(CURVE, format=format)


def test_an_svg_is_xml() -> None:
    """Of the same picture, with every letter drawn: no font is needed to read it."""
    root = ElementTree.fromstring(draw(CURVE, format="svg"))  # noqa: S314 - our own

    assert root.tag.endswith("}svg")
    assert root.findall(".//{http://www.w3.org/2000/svg}path")


def test_what_is_marked_is_seen() -> None:
    """Percentiles, the appetite as an amount and as a curve, and a second curve."""
    marked = MarkedPercentile(percent=95, loss=1e6)
    accepted = MarkedAppetite(loss=2e6, probability=0.03)
    tolerated = ((1e5, 0.3), (1e6, 0.1))
    pictures = {
        draw(CURVE),
        draw(CURVE, percentiles=(marked,)),
        draw(CURVE, appetite=accepted),
        draw(CURVE, appetite_curve=tolerated),
        draw(CURVE, net=[point(1e4, 0.4), point(1e6, 0.01)]),
    }

    assert len(pictures) == 5


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
