"""A VaR backtest as a picture: returns or profits, the VaR below them, and the breaches.

Matplotlib's object interface on the Agg canvas, as in `exceedance_picture`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from engines.prism.exceedance_picture import rendered
from engines.prism.market_risk.forecast import Vector

_INK, _MUTED, _RULE = "#1f2933", "#66717d", "#e3e7eb"
_CURVE, _ALARM = "#1f5fa8", "#c2410c"


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
    figure = Figure(figsize=(9.6, 5.6), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)  # becomes the figure's canvas
    axes = figure.add_axes((0.09, 0.155, 0.875, 0.66))
    breached = losses > values
    _draw_frame(axes, losses.size, dates)
    _draw_series(axes, losses, values, breached)

    heading = textwrap.shorten(title, width=80, placeholder=" …")
    # A name is text: a dollar sign in it is not the start of a formula.
    figure.text(0.09, 0.925, heading, color=_INK, size=15, weight="bold", parse_math=False)
    count = int(breached.sum())
    subtitle = (
        f"{count} {'breach' if count == 1 else 'breaches'} of value at risk "
        f"in {losses.size:,} periods"
    )
    figure.text(0.09, 0.875, subtitle, color=_MUTED, size=10.5)
    figure.text(0.09, 0.025, footnote, color=_MUTED, size=8, parse_math=False)
    return rendered(figure, format)


def _draw_frame(axes: Axes, periods: int, dates: Sequence[str] | None) -> None:
    axes.set_xlim(0.5, periods + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    if dates is not None:
        labels = dict(enumerate(dates, start=1))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: labels.get(int(at), "")))
    else:
        axes.set_xlabel("period", color=_MUTED, size=9.5, labelpad=8)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: f"{amount:.4g}"))
    axes.grid(which="major", color=_RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, colors=_MUTED, labelsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_MUTED)


def _draw_series(axes: Axes, losses: Vector, values: Vector, breached: NDArray[np.bool_]) -> None:
    at = np.arange(1, losses.size + 1)
    width = min(1.2, max(0.5, 400 / losses.size))
    axes.vlines(at, 0, -losses, color=_MUTED, alpha=0.6, linewidth=width, label="return or profit")
    axes.step(at, -values, where="mid", color=_CURVE, linewidth=1.6, label="value at risk")
    axes.plot(
        at[breached], -losses[breached], "o", color=_ALARM, markersize=5, label="breach", zorder=4
    )
    axes.axhline(0, color=_MUTED, linewidth=0.8)
    axes.legend(loc="upper right", frameon=False, labelcolor=_INK, fontsize=9, ncols=3)
