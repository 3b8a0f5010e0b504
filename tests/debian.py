"""Programs from Debian packages that `make test` unpacks for tests; they are installed nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet import ROOT

_UNPACKED = ROOT / "build" / "debian"
_LIBRARIES = _UNPACKED / "usr" / "lib" / "x86_64-linux-gnu"


def program(name: str) -> tuple[Path, dict[str, str]]:
    """Give a program's path and what it needs in its environment; skip where there is none."""
    path = _UNPACKED / "usr" / "bin" / name
    if not path.exists():
        pytest.skip(f"{name} comes from a Debian package, which `make test` could not get here")
    return path, {"LD_LIBRARY_PATH": str(_LIBRARIES)}
