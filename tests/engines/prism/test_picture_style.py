"""What all pictures have in common."""

from __future__ import annotations

from typing import Literal

import pytest

from engines.prism.picture_style import blank_figure, rendered, short_amount, write_words


def picture(format: Literal["png", "svg"], title: str = "Ransomware") -> bytes:
    figure = blank_figure(4, 3)
    write_words(figure, title=title, subtitle="$ a_b", footnote="seed 1", left=0.1)
    return rendered(figure, format)


@pytest.mark.parametrize("format", ["png", "svg"])
def test_equal_figures_are_equal_bytes(format: Literal["png", "svg"]) -> None:
    """And other words are another picture."""
    assert picture(format) == picture(format) != picture(format, "Theft")


@pytest.mark.parametrize("title", ["$5 \\frac{", "x " * 200, "Größe", "a_b^c"])
def test_words_are_text(title: str) -> None:
    """Nothing in them is taken for a formula, and any length is cut to fit."""
    assert picture("png", title).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0"),
        (0.125, "0.125"),
        (7, "7"),
        (999, "999"),
        (999.9, "1k"),
        (1_250_000, "1.25M"),
        (-1_250_000, "-1.25M"),
        (3e13, "30T"),
    ],
)
def test_amounts_are_short(amount: float, text: str) -> None:
    """Three digits and a suffix, with a sign where it is one."""
    assert text == short_amount(amount)


@pytest.mark.parametrize(
    ("amount", "text"), [(200_000, "200k"), (1002, "1.002k"), (999.9, "999.9"), (-0.025, "-0.025")]
)
def test_an_axis_may_have_more_digits(amount: float, text: str) -> None:
    """So that ticks beside each other differ."""
    assert text == short_amount(amount, digits=4)
