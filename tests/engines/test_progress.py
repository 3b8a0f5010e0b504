"""Progress of work that has parts."""

from __future__ import annotations

import pytest

from engines.progress import parts


def test_parts_share_the_work_between_them() -> None:
    """From a fifth to four fifths in two: each reports of its own share."""
    seen: list[tuple[float, str]] = []

    def watch(fraction: float, message: str = "") -> None:
        seen.append((fraction, message))

    first, second = parts(watch, 0.2, 0.8, count=2)
    first(0)
    first(0.5, "half of the first")
    second(0)
    second(1, "done")

    assert [fraction for fraction, _ in seen] == pytest.approx([0.2, 0.35, 0.5, 0.8])
    assert [message for _, message in seen] == ["", "half of the first", "", "done"]
