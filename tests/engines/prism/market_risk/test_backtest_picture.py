"""The picture of a backtest is the same bytes each time, and shows what it should."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pytest

from engines.prism.market_risk.backtest_picture import backtest_picture

LOSSES = np.random.default_rng(1).normal(size=300)
VALUES = np.full(300, 1.645)


def draw(
    losses: np.ndarray = LOSSES,
    *,
    title: str = "Desk",
    dates: list[str] | None = None,
    format: Literal["png", "svg"] = "png",
) -> bytes:
    return backtest_picture(
        losses, VALUES[: losses.size], title=title, dates=dates, footnote="normal", format=format
    )


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_backtest_is_the_same_file(format: Literal["png", "svg"]) -> None:
    """So that the store keeps it once: no date, version or random name in it."""
    assert draw(format=format) == draw(format=format)
    assert draw(format=format) != draw(2 * LOSSES, format=format)


def test_an_svg_is_one() -> None:
    """Well formed, with the root that viewers look for."""
    assert ElementTree.fromstring(draw(format="svg")).tag.endswith("}svg")  # noqa: S314


@pytest.mark.parametrize("periods", [1, 2, 300])
def test_any_number_of_periods_can_be_drawn(periods: int) -> None:
    """With dates and without."""
    dates = [(date(2024, 1, 1) + timedelta(days)).isoformat() for days in range(periods)]

    assert size(draw(LOSSES[:periods])) == (1440, 840)
    assert size(draw(LOSSES[:periods], dates=dates)) == (1440, 840)


@pytest.mark.parametrize("title", ["$5 \\frac{", "x" * 200, "Größe"])
def test_a_title_is_text(title: str) -> None:
    """Nothing in it is taken for a formula, and any length fits."""
    assert size(draw(title=title)) == (1440, 840)
