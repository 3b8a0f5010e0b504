"""A falling curve of probabilities drawn in a terminal, four by two dots to a character."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_COLUMNS, _ROWS = 60, 13  # odd, so that a row is the middle
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
_BRAILLE = 0x2800
# The bit of each dot in a character of the Unicode block "Braille Patterns", by [row][column].
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_TOPS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Mark:
    """A vertical line at a loss, and what it means."""

    loss: float
    caption: str


def draw_curve(points: Sequence[tuple[float, float]], mark: Mark | None = None) -> list[str]:
    """Draw (loss, probability) points, ascending by loss, as lines of text.

    Losses are on a logarithmic scale, from the first positive one to the last; probabilities run
    from 0 to the first round number that holds them all. Nothing is drawn of a single point.
    """
    points = [(loss, probability) for loss, probability in points if loss > 0]
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return []
    first, last = points[0][0], points[-1][0]
    highest = max(probability for _, probability in points)
    top = next(top for top in _TOPS if top >= highest)

    def across(loss: float) -> float:
        return math.log(loss / first) / math.log(last / first)

    text = _curve([(across(loss), probability / top) for loss, probability in points])
    axis = f"{first:,.0f}{last:>{_COLUMNS - len(f'{first:,.0f}')},.0f}"
    below = [f"{'':>8}└{'─' * _COLUMNS}", f"{'':>9}{axis}"]
    if mark is not None and first <= mark.loss <= last:
        column = round(across(mark.loss) * (_COLUMNS - 1))
        for row in text:
            if row[column] == " ":
                row[column] = "│"
        below.append(f"{'':>9}{_beside(column, mark.caption)}")
    scale = {0: top, _ROWS // 2: top / 2, _ROWS - 1: 0.0}
    labels = [f"{scale[row]:.2%}" if row in scale else "" for row in range(_ROWS)]
    drawn = [f"{label:>7} ┤{''.join(row)}" for label, row in zip(labels, text, strict=True)]
    return [line.rstrip() for line in (*drawn, *below)]


def _curve(points: Sequence[tuple[float, float]]) -> list[list[str]]:
    """Draw points of the unit square, joined, into rows of characters."""
    cells = [[0] * _COLUMNS for _ in range(_ROWS)]
    width, height = _COLUMNS * _DOTS_ACROSS - 1, _ROWS * _DOTS_DOWN - 1
    dots = [(x * width, (1 - y) * height) for x, y in points]
    for (x0, y0), (x1, y1) in pairwise(dots):
        steps = math.ceil(max(abs(x1 - x0), abs(y1 - y0), 1))
        for step in range(steps + 1):
            x = round(x0 + (x1 - x0) * step / steps)
            y = round(y0 + (y1 - y0) * step / steps)
            cells[y // _DOTS_DOWN][x // _DOTS_ACROSS] |= _BITS[y % _DOTS_DOWN][x % _DOTS_ACROSS]
    return [[chr(_BRAILLE + cell) if cell else " " for cell in row] for row in cells]


def _beside(column: int, caption: str) -> str:
    """Put a caption at an arrow in `column`, on the side where there is room."""
    if column + len(caption) + 2 <= _COLUMNS:
        return f"{'':>{column}}▲ {caption}"
    return f"{caption:>{column - 1}} ▲"
