"""A correlation matrix as a picture, those that move together beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from engines.prism.correlation_analysis.aligned_series import Floats
from engines.prism.picture_style import (
    ALARM,
    BLUE,
    INK,
    MUTED,
    PALE_BLUE,
    blank_figure,
    rendered,
    write_words,
)

_COLOURS = LinearSegmentedColormap.from_list(
    "correlation", ["#7c2d12", ALARM, "#f6c7a8", "white", PALE_BLUE, BLUE, "#0f2f57"]
)
"""Orange below zero, blue above, white at none; equally dark at equal strength."""
_MOST_LABELS: Final = 60
"""Names of more series than this could not be read."""
_MOST_SLANTED: Final = 30
"""Slanted names of more series than this would overlap."""
_MOST_FIGURES: Final = 14
"""Figures in the cells of more series than this could not be read."""


def heat_map(
    matrix: Floats,
    *,
    names: Sequence[str],
    order: Sequence[int],
    title: str,
    subtitle: str,
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw a correlation matrix with its series in `order`; the same input gives the same bytes."""
    figure = blank_figure(9.6, 9.0)
    axes = figure.add_axes((0.2, 0.19, 0.68, 0.68))
    ordered = matrix[list(order)][:, list(order)]
    image = axes.imshow(ordered, cmap=_COLOURS, vmin=-1, vmax=1, interpolation="nearest")
    _label(axes, [names[index] for index in order])
    if len(order) <= _MOST_FIGURES:
        _write_figures(axes, ordered)
    scale = figure.colorbar(image, cax=figure.add_axes((0.905, 0.19, 0.018, 0.68)))
    scale.ax.tick_params(length=0, colors=MUTED, labelsize=9)
    scale.outline.set_visible(False)

    write_words(figure, title=title, subtitle=subtitle, footnote=footnote, left=0.035)
    return rendered(figure, format)


def _label(axes: Axes, names: Sequence[str]) -> None:
    axes.tick_params(length=0, colors=INK)
    axes.spines[:].set_visible(False)
    if len(names) > _MOST_LABELS:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlabel(f"{len(names)} series, in the order of the result", color=MUTED, size=9.5)
        return
    places = range(len(names))
    # Long names differ at their ends more often than in the middle.
    shown = [name if len(name) <= 20 else f"{name[:10]}…{name[-9:]}" for name in names]
    slant = 45 if len(names) <= _MOST_SLANTED else 90
    size = min(9.5, 420 / len(names))
    axes.set_yticks(places, shown, size=size, parse_math=False)
    axes.set_xticks(
        places, shown, size=size, parse_math=False, rotation=slant, ha="right",
        va="center" if slant == 90 else "top", rotation_mode="anchor",
    )  # fmt: skip
    axes.set_xticks([place - 0.5 for place in places[1:]], minor=True)
    axes.set_yticks([place - 0.5 for place in places[1:]], minor=True)
    axes.grid(which="minor", color="white", linewidth=min(1.5, 40 / len(names)))
    axes.tick_params(which="minor", length=0)


def _write_figures(axes: Axes, matrix: Floats) -> None:
    for row, values in enumerate(matrix):
        for column, value in enumerate(values):
            colour = "white" if abs(value) > 0.6 else INK
            # Rounded before it is written: there is no minus nothing.
            written = f"{round(value, 2) + 0.0:.2f}"
            axes.text(column, row, written, color=colour, size=9, ha="center", va="center")
