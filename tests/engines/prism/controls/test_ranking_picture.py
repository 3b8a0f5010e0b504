"""The picture of a ranking is a file of the asked kind, whatever the controls."""

from __future__ import annotations

from typing import Literal

import pytest

from engines.prism.annual_loss_answers import Estimate
from engines.prism.controls.ranking_picture import RankingBar, ranking_picture


def bar(name: str, reduction: float = 4e5, *, is_chosen: bool = True) -> RankingBar:
    return RankingBar(
        name=name,
        reduction=Estimate(reduction, reduction / 2, reduction * 1.4),
        cost=1e5,
        rosi=Estimate(3.0, 1.0, 5.0),
        is_chosen=is_chosen,
    )


def draw(
    bars: list[RankingBar],
    *,
    title: str = "Controls",
    budget: float | None = 1e6,
    format: Literal["png", "svg"] = "png",
) -> bytes:
    return ranking_picture(
        bars, title=title, currency="EUR", budget=budget, footnote="seed 1", format=format
    )


@pytest.mark.parametrize("format", ["png", "svg"])
def test_the_same_ranking_is_the_same_file(format: Literal["png", "svg"]) -> None:
    """So that the store keeps it once."""
    starts = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml"}
    picture = draw([bar("backups"), bar("training", is_chosen=False)], format=format)

    assert picture == draw([bar("backups"), bar("training", is_chosen=False)], format=format)
    assert picture.startswith(starts[format])


def test_what_is_marked_is_seen() -> None:
    """The choice, the budget and the return change the picture."""
    plain = draw([bar("backups")])

    assert draw([bar("backups", is_chosen=False)]) != plain
    assert draw([bar("backups")], budget=None) != plain
    assert draw([bar("backups", 2e5)]) != plain


def test_odd_controls_can_be_drawn() -> None:
    """Dollar signs, long names, losses instead of savings, no cost, no saving, very many."""
    worse = bar("$x^2$ " + "very long " * 20, -3e5)
    free = RankingBar(
        name="free", reduction=Estimate(0.0, None, None), cost=0.0, rosi=None, is_chosen=False
    )

    assert draw([worse, free], title="$" * 300)
    assert draw([bar(f"control {i}") for i in range(50)])
