"""A quantile-quantile picture: what was seen or said against what was fitted.

Matplotlib's object interface on the Agg canvas: no display, no global figure, safe in any thread.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Final, Literal

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

_INK, _MUTED, _RULE = "#1f2933", "#66717d", "#e3e7eb"
_CURVE, _ALARM = "#1f5fa8", "#c2410c"
_WIDE: Final = 100.0
"""Above this ratio of the largest to the smallest value the axes are logarithmic."""


def fit_picture(
    pairs: Sequence[tuple[float, float]],
    *,
    title: str,
    subtitle: str,
    seen: str,
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw pairs of (fitted, seen) quantiles about the line on which they would be equal.

    At least one pair; `seen` names the second axis. The same input gives the same bytes.
    """
    figure = Figure(figsize=(7.6, 7.6), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)  # becomes the figure's canvas
    axes = figure.add_axes((0.12, 0.12, 0.83, 0.74))
    fitted, observed = zip(*pairs, strict=True)
    low, high = min(*fitted, *observed), max(*fitted, *observed)
    if low > 0 and high / low > _WIDE:
        axes.set_xscale("log")
        axes.set_yscale("log")
        edges = low / 1.15, high * 1.15
    else:
        margin = 0.04 * (high - low or 1.0)
        edges = low - margin, high + margin
    axes.set_xlim(edges)
    axes.set_ylim(edges)
    axes.plot(edges, edges, color=_ALARM, linewidth=1.4, linestyle=(0, (5, 3)))
    axes.plot(
        fitted, observed, "o", color=_CURVE, markersize=4.5, alpha=0.75, markeredgewidth=0,
    )  # fmt: skip
    written = FuncFormatter(lambda value, _: f"{value:.4g}")
    axes.xaxis.set_major_formatter(written)
    axes.yaxis.set_major_formatter(written)
    axes.set_xlabel("fitted", color=_MUTED, size=9.5, labelpad=8)
    axes.set_ylabel(seen, color=_MUTED, size=9.5, labelpad=8)
    axes.grid(which="major", color=_RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, colors=_MUTED, labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_MUTED)

    # A name is text: a dollar sign in it is not the start of a formula.
    heading = textwrap.shorten(title, width=64, placeholder=" …")
    figure.text(0.035, 0.94, heading, color=_INK, size=15, weight="bold", parse_math=False)
    figure.text(0.035, 0.9, subtitle, color=_MUTED, size=10.5, parse_math=False)
    figure.text(0.035, 0.02, footnote, color=_MUTED, size=8, parse_math=False)

    picture = io.BytesIO()
    # Without the library's version, the date and random names, equal pictures are equal bytes.
    without = {"Software": None} if format == "png" else {"Date": None, "Creator": None}
    with rc_context({"svg.hashsalt": "prism"}):
        figure.savefig(picture, format=format, metadata=without)
    return picture.getvalue()
