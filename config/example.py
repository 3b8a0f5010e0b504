"""`.env.example`, written from the settings types. `python -m config.example > .env.example`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from config.catalogue import ALL_SETTINGS
from config.settings import Settings

_OPENING = """\
# Every setting, with its default. Copy what you change into your environment; the fleet reads no
# .env file by itself. Each may also be given as a file: REDIS_URL_FILE=/run/secrets/redis_url.
# This file is generated: python -m config.example > .env.example
"""


def env_example() -> str:
    """Give the text of `.env.example`."""
    return "\n".join((_OPENING, *_lines()))


def _lines() -> Iterator[str]:
    written: set[str] = set()
    for kind in ALL_SETTINGS:
        fields = [field for field in kind.fields() if field[0] not in written]
        if not fields:
            continue
        yield f"# -- {(inspect.getdoc(kind) or '').partition(chr(10))[0]}"
        for variable, name, field in fields:
            written.add(variable)
            if description := _description(kind, name):
                yield from (f"# {line}".rstrip() for line in description.splitlines())
            yield f"# {variable}={_default(field)}"
        yield ""


def _description(kind: type[Settings], name: str) -> str | None:
    """Give the field's docstring, or that of the field it overrides."""
    overridden = (each for each in kind.__mro__ if issubclass(each, Settings))
    fields = (each.model_fields[name] for each in overridden if name in each.model_fields)
    return next((field.description for field in fields if field.description), None)


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default_factory is not None or field.default is None:
        return ""
    if isinstance(field.default, tuple):
        return ",".join(field.default)
    return str(field.default)


if __name__ == "__main__":
    print(env_example(), end="")
