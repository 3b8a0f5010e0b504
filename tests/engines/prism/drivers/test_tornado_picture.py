"""The picture of a tornado is a file of the asked kind, whatever the estimates."""

from __future__ import annotations

from typing import Literal

import pytest

from engines.prism.drivers.tornado_picture import TornadoBar, tornado_picture

BARS = [
    TornadoBar(name="frequency", low=0.5, high=4, loss_at_low=2e5, loss_at_high=2e6),
    TornadoBar(name="strength", low=0.4, high=0.8, loss_at_low=1.5e6, loss_at_high=4e5),
]


def draw(
    bars: list[TornadoBar], *, title: str = "Drivers", format: Literal["png", "svg"] = "png"
) -> bytes:
    return tornado_picture(
        bars, base=1e6, title=title, subtitle="expected", currency="EUR", footnote="exact",
        format=format,
    )  # fmt: skip


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_tornado_is_the_same_file(format: Literal["png", "svg"]) -> None:
    """So that the store keeps it once; another order is another picture."""
    starts = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml"}
    picture = draw(BARS, format=format)

    assert picture == draw(BARS, format=format)
    assert picture != draw(BARS[::-1], format=format)
    assert picture.startswith(starts[format])


def test_odd_estimates_can_be_drawn() -> None:
    """Dollar signs, long names, no width at all, negative scales, very many."""
    flat = TornadoBar(name="$a$" * 40, low=-2, high=-1, loss_at_low=1e6, loss_at_high=1e6)

    assert draw([flat], title="$" * 300)
    assert draw(BARS * 30)
