"""Print the part of requirements.lock that some extras need, hashes included.

    python locked.py prism s3 > requirements.txt

An image installs no more than its pool runs, and pip checks the hash of each file. The lock file
says of each package who wants it (`# via`); what is printed is all that the project and these
extras reach that way. `build` stands for what the project's own wheel is built with.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_WANTED_BY = re.compile(r"^    #(?: via|  ) ([A-Za-z0-9._-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One version of a package in the lock file; there may be one for each Python version."""

    name: str
    text: str

    @property
    def wanted_by(self) -> set[str]:
        """The packages that depend on it."""
        return set(_WANTED_BY.findall(self.text))


def entries(lock: str) -> list[Entry]:
    """Read a lock file."""
    blocks = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return [Entry(_name(block), block) for block in blocks if block]


def asked_for(project: dict[str, Any], extras: Iterable[str]) -> set[str]:
    """Give the names that a pyproject.toml asks for. Raises KeyError for an unknown extra."""
    offered = project["project"]["optional-dependencies"]
    if (extras := list(extras)) == ["build"]:
        return {_name(each) for each in project["build-system"]["requires"]}
    texts = [
        *project["project"]["dependencies"],
        *(each for name in extras for each in offered[name]),
    ]
    return {_name(text) for text in texts}


def needed(names: set[str], locked: list[Entry]) -> list[Entry]:
    """Give the entries of these packages and of all that they depend on."""
    while more := {each.name for each in locked if each.wanted_by & names} - names:
        names = names | more
    return [each for each in locked if each.name in names]


def _name(text: str) -> str:
    """Give the name that a requirement begins with, as the lock file writes it."""
    found = _NAME.match(text)
    if found is None:
        raise ValueError(f"expected a requirement, found {text[:60]!r}")
    return re.sub(r"[._-]+", "-", found[0]).lower()


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())
    lock = entries((root / "requirements.lock").read_text())
    sys.stdout.writelines(each.text for each in needed(asked_for(project, sys.argv[1:]), lock))
