"""A VaR backtest as a picture: returns or profits, the VaR below them, and the breaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from engines.prism.market_risk.forecast import Vector
from engines.prism.picture_style import (
    ALARM,
    BLUE,
    INK,
    MUTED,
    blank_figure,
    rendered,
    rule,
    short_amount,
    write_words,
)


def backtest_picture(
    losses: Vector,
    values: Vector,
    *,
    title: str,
    dates: Sequence[str] | None,
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw at least one period; `losses` and `values` are positive losses, drawn downwards."""
    figure = blank_figure(9.6, 5.6)
    axes = figure.add_axes((0.09, 0.155, 0.875, 0.66))
    breached = losses > values
    _draw_frame(axes, losses.size, dates)
    _draw_series(axes, losses, values, breached)

    count = int(breached.sum())
    subtitle = (
        f"{count} {'breach' if count == 1 else 'breaches'} of value at risk "
        f"in {losses.size:,} periods"
    )
    write_words(figure, title=title, subtitle=subtitle, footnote=footnote, left=0.09)
    return rendered(figure, format)


def _draw_frame(axes: Axes, periods: int, dates: Sequence[str] | None) -> None:
    axes.set_xlim(0.5, periods + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    if dates is not None:
        labels = dict(enumerate(dates, start=1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: labels.get(int(at), "")))
    else:
        axes.set_xlabel("period", color=MUTED, size=9.5, labelpad=8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: short_amount(amount, digits=4)))
    rule(axes)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)


def _draw_series(axes: Axes, losses: Vector, values: Vector, breached: NDArray[np.bool_]) -> None:
    at = np.arange(1, losses.size + 1)
    width = min(1.2, max(0.5, 400 / losses.size))
    axes.vlines(at, 0, -losses, color=MUTED, alpha=0.6, linewidth=width, label="return or profit")
    axes.step(at, -values, where="mid", color=BLUE, linewidth=1.6, label="value at risk")
    axes.plot(
        at[breached], -losses[breached], "o", color=ALARM, markersize=5, label="breach", zorder=4
    )
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.legend(loc="upper right", frameon=False, labelcolor=INK, fontsize=9, ncols=3)
