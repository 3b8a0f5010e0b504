"""The picture of a correlation matrix."""

from __future__ import annotations

import struct
from typing import Literal
from xml.etree import ElementTree

import numpy as np
import pytest

from engines.prism.correlation_analysis.aligned_series import Floats
from engines.prism.correlation_analysis.heat_map import heat_map

PAIR = np.array([[1, 0.5], [0.5, 1]])


def draw(
    matrix: Floats = PAIR,
    *,
    names: tuple[str, ...] = ("Phishing", "Outage"),
    order: tuple[int, ...] = (0, 1),
    title: str = "Losses",
    format: Literal["png", "svg"] = "svg",
) -> bytes:
    return heat_map(
        matrix, names=names, order=order, title=title, subtitle="Pearson", footnote="40 rows",
        format=format,
    )  # fmt: skip


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_matrix_is_the_same_file(format: Literal["png", "svg"]) -> None:
    """So that the store keeps it once."""
    assert draw(format=format) == draw(format=format)


def test_values_and_order_are_seen() -> None:
    """Another matrix or another order is another picture."""
    assert len({draw(), draw(np.eye(2)), draw(order=(1, 0))}) == 3


@pytest.mark.parametrize("size", [2, 14, 60, 200])
def test_any_number_of_series_can_be_drawn(size: int) -> None:
    """With figures, with names, with neither."""
    names = tuple(f"A series with a long name {index}" for index in range(size))
    png = draw(np.eye(size), names=names, order=tuple(range(size)), format="png")

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1440, 1350)


@pytest.mark.parametrize("name", ["$5 \\frac{", "x" * 200, "Größe", "a_b^c", "<&>"])
def test_a_name_is_text(name: str) -> None:
    """Nothing in it is taken for a formula or for markup."""
    svg = draw(names=(name, "Outage"), title=name)

    assert ElementTree.fromstring(svg).tag.endswith("svg")  # noqa: S314 - our own picture
