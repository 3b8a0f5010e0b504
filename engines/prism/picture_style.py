"""What all pictures of PRISM look like: colours, words, and how a figure becomes a file.

Matplotlib's object interface on the Agg canvas: no display, no global figure, safe in any thread.
"""

from __future__ import annotations

import io
import textwrap
from typing import Final, Literal

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK: Final = "#1f2933"
MUTED: Final = "#66717d"
RULE: Final = "#e3e7eb"
BLUE: Final = "#1f5fa8"
LIGHT_BLUE: Final = "#8fb4da"
PALE_BLUE: Final = "#b5cfe9"
GREEN: Final = "#5b8c5a"
VIOLET: Final = "#8a6bb1"
ALARM: Final = "#c2410c"

_LETTERS_AN_INCH: Final = 8.4
"""Of a title; more would run out of the picture."""
_SUFFIXES: Final = ((1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def blank_figure(width: float, height: float) -> Figure:
    """Give a white figure of so many inches."""
    figure = Figure(figsize=(width, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)  # becomes the figure's canvas
    return figure


def write_words(figure: Figure, *, title: str, subtitle: str, footnote: str, left: float) -> None:
    """Write title and subtitle into the upper 0.9 inches, the footnote into the lower 0.4.

    `left` is where they begin, as a share of the width. All of it is text: a dollar sign in a name
    is not the start of a formula.
    """
    width, height = figure.get_size_inches()
    heading = textwrap.shorten(title, width=int(_LETTERS_AN_INCH * width), placeholder=" …")
    figure.text(
        left, 1 - 0.42 / height, heading, color=INK, size=15, weight="bold", parse_math=False
    )
    figure.text(left, 1 - 0.72 / height, subtitle, color=MUTED, size=10.5, parse_math=False)
    figure.text(left, 0.16 / height, footnote, color=MUTED, size=8, parse_math=False)


def rule(axes: Axes, axis: Literal["both", "x", "y"] = "both") -> None:
    """Draw faint lines behind the data at the ticks of an axis, and no ticks."""
    axes.grid(axis=axis, color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, colors=MUTED, labelsize=9)


def rendered(figure: Figure, format: Literal["png", "svg"]) -> bytes:
    """Give the file of a figure. Equal figures are equal bytes: no date, version or random id."""
    file = io.BytesIO()
    without = {"Software": None} if format == "png" else {"Date": None, "Creator": None}
    with rc_context({"svg.hashsalt": "riskfleet", "svg.fonttype": "path"}):
        figure.savefig(file, format=format, metadata=without)
    return file.getvalue()


def short_amount(amount: float, digits: int = 3) -> str:
    """Write an amount to so many digits: 1.25M, -40k, 7, 0.02."""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    for unit, suffix in _SUFFIXES:
        if size >= unit * (1 - 0.5 * 10**-digits):  # 999.6 is written 1k, not 1e+03
            return f"{sign}{size / unit:.{digits}g}{suffix}"
    return f"{sign}{size:.{digits}g}"
