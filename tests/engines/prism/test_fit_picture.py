"""The quantile-quantile picture is drawn the same way every time."""

from __future__ import annotations

from typing import Literal
from xml.etree import ElementTree

import pytest

from engines.prism.fit_picture import fit_picture

WIDE = [(10.0, 12.0), (1000.0, 900.0), (1e6, 1.2e6)]
NARROW = [(0.0, 0.1), (1.0, 0.9), (2.0, 2.2)]


def draw(
    pairs: list[tuple[float, float]],
    format: Literal["png", "svg"] = "svg",
    title: str = "Cost of $5 incidents & more",
) -> bytes:
    return fit_picture(
        pairs, title=title, subtitle="Quantiles", seen="observed", footnote="lognormal",
        format=format,
    )  # fmt: skip


@pytest.mark.parametrize("format", ["png", "svg"])
def test_equal_fits_are_equal_bytes(format: Literal["png", "svg"]) -> None:
    """So an artifact is stored once; and other quantiles are another picture."""
    assert draw(WIDE, format) == draw(WIDE, format) != draw(NARROW, format)


def test_the_formats_are_what_they_say() -> None:
    """A PNG, and an SVG that is XML."""
    assert draw(WIDE, "png").startswith(b"\x89PNG")
    assert ElementTree.fromstring(draw(WIDE)).tag.endswith("svg")  # noqa: S314 (ours)


@pytest.mark.parametrize("pairs", [WIDE, NARROW, [(3.0, 3.0)], [(0.0, 0.0)]], ids=str)
def test_any_quantiles_can_be_drawn(pairs: list[tuple[float, float]]) -> None:
    """Over many decades, over none, with a zero, and a single one."""
    assert draw(pairs)


def test_a_title_is_text_and_never_a_formula() -> None:
    """However many dollars it has."""
    assert draw(NARROW, title="$ \\frac{1}{ $ costs")
