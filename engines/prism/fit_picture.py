"""A quantile-quantile picture: what was seen or said against what was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from matplotlib.ticker import FuncFormatter, NullFormatter

from engines.prism.picture_style import (
    ALARM,
    BLUE,
    MUTED,
    blank_figure,
    rendered,
    rule,
    short_amount,
    write_words,
)

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
    figure = blank_figure(7.6, 7.6)
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
    axes.plot(edges, edges, color=ALARM, linewidth=1.4, linestyle=(0, (5, 3)))
    axes.plot(
        fitted, observed, "o", color=BLUE, markersize=4.5, alpha=0.75, markeredgewidth=0,
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short_amount(value, digits=4)))
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("fitted", color=MUTED, size=9.5, labelpad=8)
    axes.set_ylabel(seen, color=MUTED, size=9.5, labelpad=8)
    rule(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)

    write_words(figure, title=title, subtitle=subtitle, footnote=footnote, left=0.035)
    return rendered(figure, format)
