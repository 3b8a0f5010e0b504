"""Controls ranked, as a picture: what each saves by itself, how surely, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from engines.prism.annual_loss_answers import Estimate
from engines.prism.picture_style import (
    ALARM,
    BLUE,
    INK,
    MUTED,
    PALE_BLUE,
    blank_figure,
    rendered,
    rule,
    short_amount,
    write_words,
)

_MOST_BARS: Final = 25
"""More bars than this could not be told apart."""


@dataclass(frozen=True, kw_only=True)
class RankingBar:
    """One control: amounts a year."""

    name: str
    reduction: Estimate
    cost: float
    rosi: Estimate | None
    is_chosen: bool


def ranking_picture(
    bars: Sequence[RankingBar],
    *,
    title: str,
    currency: str,
    budget: float | None,
    footnote: str,
    format: Literal["png", "svg"],
) -> bytes:
    """Draw at least one control, the first on top; the first `_MOST_BARS` of them."""
    shown = bars[:_MOST_BARS]
    height = 2.6 + 0.42 * len(shown)
    figure = blank_figure(9.6, height)
    axes = figure.add_axes((0.235, 0.95 / height, 0.58, 1 - 2.15 / height))
    _draw_bars(axes, shown, currency)

    within = "without a budget" if budget is None else f"within {short_amount(budget)} {currency}"
    left_out = "" if len(shown) == len(bars) else f"; {len(bars) - len(shown)} more not shown"
    subtitle = f"Annual loss avoided by each control alone, best next; dark: chosen {within}"
    words = subtitle + left_out
    write_words(figure, title=title, subtitle=words, footnote=footnote, left=0.03)
    return rendered(figure, format)


def _draw_bars(axes: Axes, bars: Sequence[RankingBar], currency: str) -> None:
    places = range(len(bars))
    axes.barh(
        places, [bar.reduction.value for bar in bars], height=0.58,
        color=[BLUE if bar.is_chosen else PALE_BLUE for bar in bars],
    )  # fmt: skip
    for place, bar in zip(places, bars, strict=True):
        low, high = bar.reduction.lower, bar.reduction.upper
        if low is not None and high is not None:
            edge = [withStroke(linewidth=3.2, foreground="white")]
            axes.plot([low, high], [place, place], color=INK, linewidth=1.5, path_effects=edge)
        axes.plot([bar.cost, bar.cost], [place - 0.36, place + 0.36], color=ALARM, linewidth=2)
        rosi = "no cost" if bar.rosi is None else f"ROSI {bar.rosi.value:+.0%}"
        axes.annotate(
            rosi, (1.02, place), xycoords=("axes fraction", "data"), va="center",
            color=INK, size=9, annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(places, [_short(bar.name) for bar in bars], size=9.5, parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda amount, _: short_amount(amount)))
    axes.set_xlabel(
        f"{currency} a year, with the middle 95% of what effects may be; the red mark is the cost",
        color=MUTED, size=9.5, labelpad=7,
    )  # fmt: skip
    rule(axes, "x")
    axes.tick_params(axis="y", colors=INK)
    axes.spines[:].set_visible(False)


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:27] + "…"
