"""The fields of a request or a result in words, read from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
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
            if (name, field) in self._tags:  # said above the variant's table
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
        """Give the types that unions in this one choose from, with where and how they are told."""
        places: dict[str, str] = {}
        tags: dict[str, dict[str, None]] = {}
        for variant, path, tag in self._variants(name, ""):
            places.setdefault(variant, f"`{path}` with" if path else "With")
            tags.setdefault(variant, {})[f"`{tag}`"] = None
        return {each: f"{place} {' or '.join(tags[each])}" for each, place in places.items()}

    def _variants(self, name: str, path: str) -> Iterator[tuple[str, str, str]]:
        """Give the variants in a type: the variant, the path of the union, and its tag."""
        definition = self.definitions[name]
        for field, value in definition.get("properties", {"": definition}).items():
            place = f"{path}.{field}" if path and field else path + field
            for suffix, union in self._unions_at(value):
                for tag, variant in union["mapping"].items():
                    if (inner := _name(variant)) not in self.apart:
                        yield inner, place + suffix, f'"{union["propertyName"]}": "{tag}"'
                        yield from self._variants(inner, place + suffix)
            for suffix, inner in self._objects_in(value):
                yield from self._variants(inner, place + suffix)

    def _unions_at(self, schema: Schema) -> Iterator[tuple[str, Schema]]:
        """Give the unions that a value is one of, with what leads to them from its path."""
        if "discriminator" in schema:
            yield "", schema["discriminator"]
        if "$ref" in schema and (name := _name(schema["$ref"])) not in self.apart:
            definition = self.definitions[name]
            if "properties" not in definition:
                yield from self._unions_at(definition)
        for choice in schema.get("anyOf", ()):
            yield from self._unions_at(choice)
        if "items" in schema:
            yield from ((f"[]{rest}", union) for rest, union in self._unions_at(schema["items"]))

    @cached_property
    def _tags(self) -> set[tuple[str, str]]:
        """The fields that tell a variant from others: (type, field)."""
        return {
            (_name(variant), union["propertyName"])
            for definition in self.definitions.values()
            for union in self._unions_in(definition)
            for variant in union["mapping"].values()
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
                words = [word for each in choices for word in self.words(each).split(" or ")]
                return " or ".join(dict.fromkeys(words))
            case {"const": value}:
                return f"`{value}`"
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
