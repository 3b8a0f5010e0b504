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


@overload
def read(a: type[A], /, *, defaults: Mapping[str, str] = ...) -> A: ...
@overload
def read(a: type[A], b: type[B], /, *, defaults: Mapping[str, str] = ...) -> tuple[A, B]: ...
@overload
def read(
    a: type[A], b: type[B], c: type[C], /, *, defaults: Mapping[str, str] = ...
) -> tuple[A, B, C]: ...
@overload
def read(
    a: type[A], b: type[B], c: type[C], d: type[D], /, *, defaults: Mapping[str, str] = ...
) -> tuple[A, B, C, D]: ...
def read(*kinds: type[Settings], defaults: Mapping[str, str] | None = None) -> Any:
    """Read settings of each kind, or raise one `ConfigurationError` about all of them.

    A variable is looked for in the environment, then in the file that `<VARIABLE>_FILE` names
    (how Docker and Kubernetes hand over secrets), then in `defaults`.
    """
    problems = list(_misspelt())
    files: dict[str, str] = {}
    for variable, path in _named_files():
        if os.environ.get(variable):
            problems.append(Problem(variable, f"not to be set beside {variable}{_FILE}", "both"))
        try:
            files[variable] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(variable + _FILE, "a file with text", f"{path} ({error})"))
            files[variable] = ""

    found = []
    for kind in kinds:
        beside = {**(defaults or {}), **files}
        given = {
            name: beside[variable]
            for variable, name, _ in kind.fields()
            if variable in beside and not os.environ.get(variable)
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


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def _named_files() -> Iterator[tuple[str, str]]:
    for kind in ALL_SETTINGS:
        for variable, _, _ in kind.fields():
            if path := os.environ.get(variable + _FILE):
                yield variable, path


def _misspelt() -> Iterator[Problem]:
    known = {variable for kind in ALL_SETTINGS for variable, _, _ in kind.fields()}
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
