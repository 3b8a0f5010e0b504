"""The one place that looks at the environment: it reads settings, and makes a child's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

from pydantic import SecretStr, ValidationError

from config.catalogue import ALL_SETTINGS
from config.settings import Settings, is_secret

_PREFIX = "RISKFLEET_"
_FILE = "_FILE"
_NOTHING: Mapping[str, str] = {}
_PYDANTIC_PREFIX = re.compile(r"^(Value error, |(Input|String) should (be )?)")

A = TypeVar("A", bound=Settings)
B = TypeVar("B", bound=Settings)
C = TypeVar("C", bound=Settings)
D = TypeVar("D", bound=Settings)


@dataclass(frozen=True)
class Problem:
    """One variable that cannot be used. `received` never holds a secret."""

    variable: str
    expected: str
    received: str

    def __str__(self) -> str:
        return f"{self.variable}: expected {self.expected}, received {self.received}"


class ConfigurationError(Exception):
    """The environment cannot be used as it is; it says everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


_Given = Mapping[str, str]


@overload
def read(a: type[A], /, *, overrides: _Given = ..., defaults: _Given = ...) -> A: ...
@overload
def read(
    a: type[A], b: type[B], /, *, overrides: _Given = ..., defaults: _Given = ...
) -> tuple[A, B]: ...
@overload
def read(
    a: type[A], b: type[B], c: type[C], /, *, overrides: _Given = ..., defaults: _Given = ...
) -> tuple[A, B, C]: ...
@overload
def read(
    a: type[A],
    b: type[B],
    c: type[C],
    d: type[D],
    /,
    *,
    overrides: _Given = ...,
    defaults: _Given = ...,
) -> tuple[A, B, C, D]: ...
def read(*kinds: type[Settings], overrides: _Given = _NOTHING, defaults: _Given = _NOTHING) -> Any:
    """Read settings of each kind, or raise one `ConfigurationError` about all of them.

    A variable is looked for in `overrides` (a command's options), in the environment, in the file
    that `<VARIABLE>_FILE` names (how Docker and Kubernetes hand over secrets), then in `defaults`.
    """
    files, problems = _read_files()
    problems = [*_misspelt(), *problems]
    found = []
    for kind in kinds:
        beside = {**defaults, **files}
        given = {
            name: overrides.get(variable, beside.get(variable))
            for variable, name, _ in kind.fields()
            if variable in overrides or (variable in beside and not os.environ.get(variable))
        }
        try:
            found.append(kind(**given))
        except ValidationError as error:
            problems += _problems(kind, error)
    if problems:
        raise ConfigurationError(tuple(problems))
    return found[0] if len(kinds) == 1 else tuple(found)


def for_child(*settings: Settings, **variables: str) -> dict[str, str]:
    """Give the environment for a child process: ours, these settings, and these variables."""
    environment = dict(os.environ)
    for each in settings:
        for variable, name, _ in each.fields():
            environment.pop(variable + _FILE, None)
            environment[variable] = _as_text(getattr(each, name))
    return environment | variables


def adopt(variables: Mapping[str, str]) -> None:
    """Take these variables into our own environment, except where it says something already."""
    for variable, text in variables.items():
        if not os.environ.get(variable + _FILE):
            os.environ.setdefault(variable, text)


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def _read_files() -> tuple[dict[str, str], list[Problem]]:
    """Give variable -> text of its file, and what is wrong with such files."""
    texts: dict[str, str] = {}
    problems = []
    for variable in sorted(_known()):
        path = os.environ.get(variable + _FILE)
        if not path:
            continue
        if os.environ.get(variable):
            problems.append(Problem(variable, f"not to be set beside {variable}{_FILE}", "both"))
        try:
            texts[variable] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(variable + _FILE, "a file with text", f"{path} ({error})"))
    return texts, problems


def _known() -> set[str]:
    return {variable for kind in ALL_SETTINGS for variable, _, _ in kind.fields()}


def _misspelt() -> Iterator[Problem]:
    known = _known()
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name.removesuffix(_FILE) not in known:
            yield Problem(name, "a setting that exists (see .env.example)", "an unknown one")


def _problems(kind: type[Settings], error: ValidationError) -> Iterator[Problem]:
    for each in error.errors():
        name = str(each["loc"][0])
        variable = kind.variable(name)
        expected = _PYDANTIC_PREFIX.sub("", each["msg"])
        if each["type"] == "missing":
            yield Problem(variable, "a value", "nothing")
        elif is_secret(kind.model_fields[name].annotation):
            yield Problem(variable, expected, "another (not shown, it is a secret)")
        else:
            yield Problem(variable, expected, repr(each["input"]))
