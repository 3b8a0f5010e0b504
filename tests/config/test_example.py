"""`.env.example` tells the truth."""

from __future__ import annotations

from pathlib import Path

from config.example import env_example


def test_the_example_is_what_the_types_say() -> None:
    """The checked-in file is the generated one: run `fleet contract`."""
    checked_in = Path(__file__).parents[2] / ".env.example"

    assert checked_in.read_text() == env_example()
