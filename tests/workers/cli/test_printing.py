"""Tables say what they leave out, and a pipe gets everything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workers.cli.printing import print_table

_COLUMNS = ("job", "reason", "tenant")
_ROWS = [("x" * 30, "out_of_memory", "acme")]


@pytest.fixture
def narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command believe that it writes to a terminal of forty columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")


@pytest.mark.usefixtures("narrow_terminal")
def test_what_has_no_room_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns that do not fit are left out, and stderr says which."""
    print_table(_COLUMNS, _ROWS, spare=2)

    out, err = capsys.readouterr()
    assert out.split() == ["job", "x" * 30]
    assert " ".join(err.split()).startswith("no room here for reason, tenant: widen the terminal")


def test_a_pipe_gets_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    """What is no terminal has room for everything, and for whole moments."""
    moment = datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)

    print_table(_COLUMNS, [("x" * 30, "out_of_memory", moment)], spare=2)

    out, err = capsys.readouterr()
    _, row = out.splitlines()
    assert row.split()[:2] == ["x" * 30, "out_of_memory"]
    assert datetime.fromisoformat(" ".join(row.split()[2:])) == moment
    assert err == ""


@pytest.mark.usefixtures("narrow_terminal")
def test_a_terminal_gets_short_moments(capsys: pytest.CaptureFixture[str]) -> None:
    """Today's have seconds, others the date."""
    today = datetime.now().astimezone().replace(microsecond=0)
    earlier = datetime(2026, 1, 31, 12, 0).astimezone()

    print_table(("at", "then"), [(today, earlier)])

    assert capsys.readouterr().out.splitlines()[1].split() == [
        today.strftime("%H:%M:%S"),
        "2026-01-31",
        "12:00",
    ]
