"""The fields of a request or a result in words, read from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.payload import MAX_SAFE_INTEGER

Schema = Mapping[str, Any]

_WORDS = {"string": "text", "boolean": "true or false", "null": "null"}


@dataclass(frozen=True)
class Field:
    """One field, as a table shows it."""

    path: str
    """Dotted; the items of a list are `[]`."""
    type: str
    """With its bounds."""
    default: str
    """As JSON, or `required`."""
    meaning: str
    """The field's own docstring, or that of its type."""


@dataclass(frozen=True)
class Fields:
    """Reads schemas that refer to one another."""

    definitions: Schema
    apart: frozenset[str] = frozenset()
    """Types that have a section of their own: they are linked, not shown again."""

    def of(self, name: str, prefix: str = "") -> Iterator[Field]:
        """Give the fields of a type, each followed by those of the objects in it."""
        for field, value in self.definitions[name]["properties"].items():
            if "const" in value:  # the tag of a variant, which is said above its table
                continue
            objects = list(self._objects_in(value))
            described = (value, *(self.definitions[inner] for _, inner in objects))
            yield Field(
                path=prefix + field,
                type=self.words(value),
                default=_default(value) if "default" in value else "required",
                meaning=next(filter(None, (each.get("description") for each in described)), ""),
            )
            for suffix, inner in objects:
                yield from self.of(inner, f"{prefix}{field}{suffix}.")

    def variants_in(self, name: str) -> dict[str, str]:
        """Give the types that unions in this one choose from, with what tells each apart."""
        return {
            _name(variant): f'"{union["propertyName"]}": "{tag}"'
            for union in self._unions_in(self.definitions[name])
            for tag, variant in union["mapping"].items()
            if _name(variant) not in self.apart
        }

    def named_in(self, name: str) -> list[str]:
        """Give the types that this one refers to, as often as it does."""
        return list(self._references(self.definitions[name]))

    def _references(self, value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for item in value:
                yield from self._references(item)
        elif isinstance(value, dict):
            if "$ref" in value:
                yield _name(value["$ref"])
            yield from self._references(list(value.values()))

    def _objects_in(self, schema: Schema) -> Iterator[tuple[str, str]]:
        """Give the object types in a value, with what leads to them from its path."""
        if "$ref" in schema:
            name = _name(schema["$ref"])
            if "properties" in self.definitions[name] and name not in self.apart:
                yield "", name
        for choice in schema.get("anyOf", ()):
            yield from self._objects_in(choice)
        if "items" in schema:
            yield from ((f"[]{suffix}", name) for suffix, name in self._objects_in(schema["items"]))

    def _unions_in(self, value: Any) -> Iterator[Schema]:
        if isinstance(value, list):
            for item in value:
                yield from self._unions_in(item)
        elif isinstance(value, dict):
            if "discriminator" in value:
                yield value["discriminator"]
            if "$ref" in value and _name(value["$ref"]) not in self.apart:
                yield from self._unions_in(self.definitions[_name(value["$ref"])])
            yield from self._unions_in(list(value.values()))

    def words(self, schema: Schema) -> str:
        """Say what a value may be."""
        match schema:
            case {"$ref": reference} if (name := _name(reference)) in self.apart:
                return f"[{name}](#{name.lower()})"
            case {"$ref": reference}:
                return self.words(self.definitions[_name(reference)])
            case {"discriminator": {"propertyName": tag, "mapping": variants}}:
                return f"object by `{tag}`: {_either(variants)}"
            case {"anyOf": choices}:
                return " or ".join(map(self.words, choices))
            case {"enum": values}:
                return _either(values)
            case {"type": "array", "items": items}:
                return f"{', '.join(('list', *_bounds(schema)))}: {self.words(items)}"
            case {"type": str(kind)}:
                return ", ".join((_WORDS.get(kind, kind), *_bounds(schema)))
        raise ValueError(f"no words for {schema}")


def _bounds(schema: Schema) -> Iterator[str]:
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        if low in schema and high in schema:
            yield f"{_number(schema[low])} to {_number(schema[high])}{unit}"
        elif low in schema:
            yield f"at least {_number(schema[low])}{unit}"
        elif high in schema:
            yield f"at most {_number(schema[high])}{unit}"
    if "exclusiveMinimum" in schema:
        yield f"more than {_number(schema['exclusiveMinimum'])}"
    if "exclusiveMaximum" in schema:
        yield f"less than {_number(schema['exclusiveMaximum'])}"
    if "pattern" in schema:
        yield f"`{schema['pattern']}`"


def _number(value: float) -> str:
    if value == MAX_SAFE_INTEGER:
        return "2^53 - 1"
    return f"{int(value):,}" if value == int(value) else str(value)


def _either(values: Any) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _default(schema: Schema) -> str:
    return f"`{json.dumps(schema['default'], ensure_ascii=False)}`"


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
