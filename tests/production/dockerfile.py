"""A Dockerfile, read as far as the tests ask about it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """One FROM and what follows it."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, kind: str) -> list[str]:
        """Give what follows each instruction of a kind."""
        return [text for name, text in self.instructions if name == kind]


def stages(file: Path) -> dict[str, Stage]:
    """Read a Dockerfile into its stages; the first, without a name, holds what precedes them."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
    found = {"": Stage("", "")}
    for line in text.replace("\\\n", " ").splitlines():
        kind, _, rest = line.strip().partition(" ")
        if kind == "FROM":
            base, _, name = rest.partition(" AS ")
            found[name] = Stage(name, base)
        elif kind:
            list(found.values())[-1].instructions.append((kind, rest.strip()))
    return found


def line_of(stage: str, found: dict[str, Stage]) -> list[Stage]:
    """Give a stage and those it is built on, itself first."""
    line = [found[stage]]
    while line[-1].base in found:
        line.append(found[line[-1].base])
    return line


def environment(stage: str, found: dict[str, Stage]) -> dict[str, str]:
    """Give what ENV sets in a stage, with what it has from those below."""
    variables: dict[str, str] = {}
    for each in reversed(line_of(stage, found)):
        for text in each.all("ENV"):
            variables |= dict(part.split("=", 1) for part in shlex.split(text))
    return variables


def last(kind: str, stage: str, found: dict[str, Stage]) -> str:
    """Give the instruction of a kind that holds for a stage."""
    return next(each.all(kind)[-1] for each in line_of(stage, found) if each.all(kind))


def command(stage: str, found: dict[str, Stage]) -> list[str]:
    """Give what a stage runs. Fails unless it is in the exec form, so that signals arrive."""
    words = json.loads(last("CMD", stage, found))
    assert isinstance(words, list)
    return words
