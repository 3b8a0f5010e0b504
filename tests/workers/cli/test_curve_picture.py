"""The picture in the terminal shows what the numbers say."""

from __future__ import annotations

import pytest

from workers.cli.curve_picture import Mark, draw_curve


def test_a_falling_curve() -> None:
    """From every year at the smallest loss to none at the largest, on a logarithmic scale."""
    drawn = draw_curve([(1_000, 1.0), (1_000_000, 0.0)], Mark(30_000, "appetite"))

    assert drawn == [
        "100.00% ┤⠉⠒⠤⣀⡀                        │",
        "        ┤    ⠈⠑⠢⠤⣀                    │",
        "        ┤         ⠉⠒⠢⢄⡀               │",
        "        ┤             ⠈⠉⠒⠤⣀⡀          │",
        "        ┤                  ⠈⠑⠢⠤⣀      │",
        "        ┤                       ⠉⠒⠢⢄⡀ │",
        " 50.00% ┤                           ⠈⠉⠒⠤⣀⡀",
        "        ┤                             │  ⠈⠑⠢⠤⣀",
        "        ┤                             │       ⠉⠒⠢⢄⡀",
        "        ┤                             │           ⠈⠉⠒⠤⣀⡀",
        "        ┤                             │                ⠈⠑⠢⠤⣀",
        "        ┤                             │                     ⠉⠒⠢⢄⡀",
        "  0.00% ┤                             │                         ⠈⠉⠒⠤⣀",
        "        └────────────────────────────────────────────────────────────",
        "         1,000                                              1,000,000",
        "                                      ▲ appetite",
    ]


@pytest.mark.parametrize(
    ("highest", "top"), [(0.6, "100.00%"), (0.25, "25.00%"), (0.003, "1.00%"), (0.0, "1.00%")]
)
def test_the_scale_ends_at_a_round_number(highest: float, top: str) -> None:
    """A rare loss fills the picture as well as a frequent one."""
    drawn = draw_curve([(1.0, highest), (10.0, 0.0)])

    assert drawn[0].split()[0] == top


@pytest.mark.parametrize("mark", [0.0, 0.5, 11.0])
def test_a_mark_beyond_the_curve_is_left_out(mark: float) -> None:
    """A line is drawn only where the curve is."""
    points = [(1.0, 0.5), (10.0, 0.0)]

    assert draw_curve(points, Mark(mark, "appetite")) == draw_curve(points)


@pytest.mark.parametrize("points", [[], [(5.0, 0.5)], [(0.0, 1.0), (5.0, 0.5)], [(5.0, 0.5)] * 2])
def test_nothing_is_drawn_of_a_single_loss(points: list[tuple[float, float]]) -> None:
    """A curve needs two losses."""
    assert draw_curve(points) == []
