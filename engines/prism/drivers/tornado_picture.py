"""The tornado as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engines.prism.picture_style import (
    BLUE,
    INK,
    LIGHT_BLUE,
    MUTED,
    blank_figure,
    rendered,
    rule,
    short_amount,
    write_words,
)

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
    figure = blank_figure(9.6, height)
    axes = figure.add_axes((0.33, 0.95 / height, 0.62, 1 - 2.15 / height))
    _draw_bars(axes, shown, base, currency)

    left_out = "" if len(shown) == len(bars) else f"; {len(bars) - len(shown)} more not shown"
    words = subtitle + left_out
    write_words(figure, title=title, subtitle=words, footnote=footnote, left=0.03)
    return rendered(figure, format)


def _draw_bars(axes: Axes, bars: Sequence[TornadoBar], base: float, currency: str) -> None:
    places = range(len(bars))
    axes.barh(
        places, [bar.loss_at_low - base for bar in bars], left=base, height=0.58, color=LIGHT_BLUE
    )
    axes.barh(places, [bar.loss_at_high - base for bar in bars], left=base, height=0.58, color=BLUE)
    for place, bar in zip(places, bars, strict=True):
        for loss, value in ((bar.loss_at_low, bar.low), (bar.loss_at_high, bar.high)):
            to_the_left = loss < base
            axes.annotate(
                short_amount(value), (loss, place), xytext=(-4 if to_the_left else 4, 0),
                textcoords="offset points", ha="right" if to_the_left else "left", va="center",
                color=MUTED, size=8.5, annotation_clip=False,
            )  # fmt: skip
    axes.axvline(base, color=INK, linewidth=1.1)
    axes.margins(x=0.12)
    axes.set_yticks(places, [_short(bar.name) for bar in bars], size=8.5, parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: short_amount(amount)))
    axes.set_xlabel(f"annual loss [{currency}]", color=MUTED, size=9.5, labelpad=7)
    rule(axes, "x")
    axes.tick_params(axis="y", colors=INK)
    axes.spines[:].set_visible(False)


def _short(name: str) -> str:
    return name if len(name) <= 46 else "…" + name[-45:]
