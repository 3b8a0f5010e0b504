"""The loss exceedance curve as a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from engines.prism.annual_loss_answers import ExceedancePoint
from engines.prism.picture_style import (
    ALARM,
    BLUE,
    GREEN,
    INK,
    MUTED,
    VIOLET,
    blank_figure,
    rendered,
    rule,
    short_amount,
    write_words,
)

_CURVES: Final = (BLUE, GREEN, VIOLET)
_CROWDED = 0.05
"""Marks closer than this share of the axes would write over each other; the later is left out."""


@dataclass(frozen=True, kw_only=True)
class MarkedPercentile:
    """A percentile to mark on the curve."""

    percent: float
    loss: float


@dataclass(frozen=True, kw_only=True)
class MarkedAppetite:
    """The loss the organisation accepts in a year, and the probability of exceeding it."""

    loss: float
    probability: float


@dataclass(frozen=True, kw_only=True)
class LabelledCurve:
    """An exceedance curve, and what it is of: gross, net, the largest event."""

    label: str
    points: Sequence[ExceedancePoint]


def exceedance_picture(
    curves: Sequence[LabelledCurve],
    *,
    title: str,
    currency: str,
    percentiles: Sequence[MarkedPercentile],
    appetite: MarkedAppetite | None,
    appetite_curve: Sequence[tuple[float, float]],
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw one to three curves of at least one point each, the first with its band.

    `appetite_curve` is of (loss, tolerated probability), ascending by loss. `percentiles` mark
    the first curve. Equal arguments give equal bytes.
    """
    figure = blank_figure(9.6, 5.6)
    axes = figure.add_axes((0.075, 0.155, 0.89, 0.66))
    _draw_frame(axes, curves, currency)
    for colour, curve in zip(_CURVES, curves, strict=False):
        _draw_curve(axes, curve, colour, with_band=curve is curves[0])
    _mark_percentiles(axes, percentiles)
    if appetite_curve:
        _draw_appetite_curve(axes, appetite_curve)
    if appetite is not None:
        _mark_appetite(axes, appetite, currency)
    if len(curves) > 1 or appetite_curve:
        axes.legend(loc="center right", frameon=False, fontsize=9, labelcolor=INK)

    subtitle = "Probability that a year's loss reaches an amount, with its limits"
    write_words(figure, title=title, subtitle=subtitle, footnote=footnote, left=0.075)
    return rendered(figure, format)


def _draw_frame(axes: Axes, curves: Sequence[LabelledCurve], currency: str) -> None:
    low = min(curve.points[0].loss for curve in curves)
    high = max(curve.points[-1].loss for curve in curves)
    axes.set_xscale("log")
    # A scenario of one possible loss still needs a width to be drawn in.
    axes.set_xlim(low / 1.15, max(high, low * 1.5) * 1.15)
    axes.set_ylim(0, 1.08 * max(point.upper for curve in curves for point in curve.points))
    # Between few decades the ones, twos and fives are labelled, between many the decades are.
    few = math.log10(high / low) < 4
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=20))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda loss, _: short_amount(loss)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))
    axes.set_xlabel(f"annual loss [{currency}], logarithmic", color=MUTED, size=9.5, labelpad=8)
    rule(axes)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)


def _draw_curve(axes: Axes, curve: LabelledCurve, colour: str, *, with_band: bool) -> None:
    losses = [point.loss for point in curve.points]
    if with_band:
        lower = [point.lower for point in curve.points]
        upper = [point.upper for point in curve.points]
        axes.fill_between(losses, lower, upper, color=colour, alpha=0.25, linewidth=0)
    shares = [point.probability for point in curve.points]
    axes.plot(losses, shares, color=colour, linewidth=2.2, label=curve.label)


def _draw_appetite_curve(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    axes.plot(
        [loss for loss, _ in points], [share for _, share in points], color=ALARM, marker="s",
        markersize=4, linewidth=1.2, linestyle=(0, (5, 3)), label="risk appetite",
    )  # fmt: skip


def _mark_percentiles(axes: Axes, percentiles: Sequence[MarkedPercentile]) -> None:
    low, high = axes.get_xlim()
    tallest = axes.get_ylim()[1]
    last = None
    for marked in sorted(percentiles, key=lambda marked: marked.percent):
        if not low <= marked.loss <= high:
            continue  # no loss in that year, or one too small for the curve
        probability = 1 - marked.percent / 100
        place = math.log(marked.loss / low) / math.log(high / low), probability / tallest
        if last is not None and math.dist(place, last) < _CROWDED:
            continue
        last = place
        axes.plot(
            [marked.loss], [probability], "o", color="white", markeredgecolor=_CURVES[0],
            markeredgewidth=1.8, markersize=6.5, zorder=4, clip_on=False,
        )  # fmt: skip
        axes.annotate(
            f"P{marked.percent:g}  {short_amount(marked.loss)}",
            (marked.loss, probability), xytext=(8, 7), textcoords="offset points",
            color=INK, size=9, zorder=5, annotation_clip=False,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )  # fmt: skip


def _mark_appetite(axes: Axes, appetite: MarkedAppetite, currency: str) -> None:
    text = f"appetite {short_amount(appetite.loss)} {currency}\nexceeded in " + (
        f"{appetite.probability:.1%} of years" if appetite.probability >= 0.0005
        else "fewer than 0.05% of years"
    )  # fmt: skip
    low, high = axes.get_xlim()
    at = min(max(appetite.loss, low), high)  # beyond the axis: said at its end
    if low <= appetite.loss <= high:
        axes.axvline(appetite.loss, color=ALARM, linewidth=1.4, linestyle=(0, (5, 3)))
        axes.axvspan(appetite.loss, high, color=ALARM, alpha=0.05, linewidth=0)
    on_the_right = at > math.sqrt(low * high)
    axes.annotate(
        text, (at, axes.get_ylim()[1]), xytext=(-7 if on_the_right else 7, -4),
        textcoords="offset points", ha="right" if on_the_right else "left", va="top",
        color=ALARM, size=9.5, weight="bold", linespacing=1.4,
    )  # fmt: skip
