"""The tornado as a picture.

Matplotlib's object interface on the Agg canvas, as in `exceedance_picture`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engines.prism.exceedance_picture import rendered, short_amount

_INK, _MUTED, _RULE = "#1f2933", "#66717d", "#e3e7eb"
_LOW, _HIGH = "#8fb4da", "#1f5fa8"
_MOST_BARS: Final = 20
"""More bars than this could not be told apart."""


@dataclass(frozen=True, kw_only=True)
class TornadoBar:
    """One estimate at its low and at its high value, and the annual loss at either."""

    name: str
    low: float
    high: float
    loss_at_low: float
    loss_at_high: float


def tornado_picture(
    bars: Sequence[TornadoBar],
    *,
    base: float,
    title: str,
    subtitle: str,
    currency: str,
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw at least one bar, the first on top; the first `_MOST_BARS` of them."""
    shown = bars[:_MOST_BARS]
    height = 2.6 + 0.42 * len(shown)
    figure = Figure(figsize=(9.6, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)  # becomes the figure's canvas
    axes = figure.add_axes((0.33, 0.95 / height, 0.62, 1 - 2.15 / height))
    _draw_bars(axes, shown, base, currency)

    heading = textwrap.shorten(title, width=80, placeholder=" …")
    # A name is text: a dollar sign in it is not the start of a formula.
    figure.text(0.03, 1 - 0.42 / height, heading, color=_INK, size=15, weight="bold",
                parse_math=False)  # fmt: skip
    left_out = "" if len(shown) == len(bars) else f"; {len(bars) - len(shown)} more not shown"
    figure.text(0.03, 1 - 0.72 / height, subtitle + left_out, color=_MUTED, size=10.5)
    figure.text(0.03, 0.16 / height, footnote, color=_MUTED, size=8, parse_math=False)
    return rendered(figure, format)


def _draw_bars(axes: Axes, bars: Sequence[TornadoBar], base: float, currency: str) -> None:
    places = range(len(bars))
    axes.barh(places, [bar.loss_at_low - base for bar in bars], left=base, height=0.58, color=_LOW)
    axes.barh(
        places, [bar.loss_at_high - base for bar in bars], left=base, height=0.58, color=_HIGH
    )
    for place, bar in zip(places, bars, strict=True):
        for loss, value in ((bar.loss_at_low, bar.low), (bar.loss_at_high, bar.high)):
            to_the_left = loss < base
            axes.annotate(
                short_value(value), (loss, place), xytext=(-4 if to_the_left else 4, 0),
                textcoords="offset points", ha="right" if to_the_left else "left", va="center",
                color=_MUTED, size=8.5, annotation_clip=False,
            )  # fmt: skip
    axes.axvline(base, color=_INK, linewidth=1.1)
    axes.margins(x=0.12)
    axes.set_yticks(places, [_short(bar.name) for bar in bars], size=8.5, parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: short_value(amount)))
    axes.set_xlabel(f"annual loss [{currency}]", color=_MUTED, size=9.5, labelpad=7)
    axes.grid(axis="x", color=_RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, colors=_MUTED, labelsize=9)
    axes.tick_params(axis="y", colors=_INK)
    axes.spines[:].set_visible(False)


def short_value(value: float) -> str:
    """Write an amount, a rate or a share to three digits, negative ones too."""
    return f"-{short_amount(-value)}" if value < 0 else short_amount(value)


def _short(name: str) -> str:
    return name if len(name) <= 46 else "…" + name[-45:]
