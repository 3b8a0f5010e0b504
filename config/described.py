"""The settings in words, for `.env.example` and for the documentation."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from config.catalogue import ALL_SETTINGS
from config.settings import Settings, is_secret


@dataclass(frozen=True)
class DescribedSetting:
    """What somebody who sets a variable wants to know of it."""

    variable: str
    meaning: str
    default: str
    """As it is written in the environment; empty where there is none."""
    is_required: bool
    is_secret: bool


@dataclass(frozen=True)
class DescribedSettings:
    """Settings that belong together."""

    meaning: str
    settings: tuple[DescribedSetting, ...]


def described_settings() -> Iterator[DescribedSettings]:
    """Give every variable once, where it is first read."""
    seen: set[str] = set()
    for kind in ALL_SETTINGS:
        fields = [field for field in kind.fields() if field[0] not in seen]
        seen.update(variable for variable, _, _ in fields)
        if fields:
            yield DescribedSettings(
                meaning=(inspect.getdoc(kind) or "").partition("\n")[0],
                settings=tuple(
                    DescribedSetting(
                        variable=variable,
                        meaning=_meaning(kind, name),
                        default=_default(field),
                        is_required=field.is_required(),
                        is_secret=is_secret(field.annotation),
                    )
                    for variable, name, field in fields
                ),
            )


def _meaning(kind: type[Settings], name: str) -> str:
    """Give the field's docstring, or that of the field it overrides."""
    overridden = (each for each in kind.__mro__ if issubclass(each, Settings))
    fields = (each.model_fields[name] for each in overridden if name in each.model_fields)
    return next((field.description for field in fields if field.description), "")


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default_factory is not None or field.default is None:
        return ""
    if isinstance(field.default, tuple):
        return ",".join(field.default)
    return str(field.default)
