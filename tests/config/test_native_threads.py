"""Native libraries get the threads that a pool allows, unless the operator says otherwise."""

from __future__ import annotations

import os

import pytest

from config.native_threads import limit_native_threads


def test_what_the_operator_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit is put where none was."""
    monkeypatch.setattr(os, "environ", {"OMP_NUM_THREADS": "4"})

    limit_native_threads(1)

    assert (os.environ["OMP_NUM_THREADS"], os.environ["NUMBA_NUM_THREADS"]) == ("4", "1")
