"""`docs/tasks.md`: what can be asked for, what comes back, and how it may end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from workers.reference.error_codes import task_errors
from workers.reference.fields import Fields
from workers.reference.markdown import table

_OPENING = """\
# Tasks

Everything that can be asked for. This page is generated from the declarations in `tasks/` by
`fleet contract`. A path with a dot leads into an object, `[]` into the items of a list. The codes
of errors are explained in [the wire](wire.md#read-a-result).
"""

_REQUEST_COLUMNS = ("type", "default", "meaning")
_RESULT_COLUMNS = ("type", "meaning")


def tasks_page(examples: Path) -> str:
    """Give the text of the page, with example requests out of a folder."""
    apart = types_apart(CATALOGUE)
    sections = [_section(declaration, examples, apart) for declaration in CATALOGUE]
    parts = [part for section in sections for part in section]
    return "\n".join((_OPENING, *parts, *_types(CATALOGUE, apart)))


def types_apart(declarations: Sequence[Declaration]) -> frozenset[str]:
    """Give the types that are met in more than one place: they are explained once, at the end.

    A variant of a union is explained where the union is.
    """
    places: Counter[str] = Counter()
    variants: set[str] = set()
    for declaration in declarations:
        fields = Fields(declaration.schema["$defs"])
        for name in fields.definitions:
            places.update(fields.named_in(name))
            variants |= fields.variants_in(name).keys()
    met = {name for name, count in places.items() if count > 1}
    return frozenset(met - variants)


def task_table() -> str:
    """Give one line a task, for the README."""
    return table(
        ("task", "what it does", "queue", "limits"),
        (
            (
                f"[`{each.name}`](docs/tasks.md#{each.name.replace('.', '')})",
                each.summary,
                f"`{each.queue}`",
                f"{_span(each.terms.soft_limit)}, {each.terms.attempts} attempts, "
                f"requests up to {_size(each.terms.max_request_bytes)}",
            )
            for each in CATALOGUE
        ),
    )


def example_request(declaration: Declaration, examples: Path) -> str:
    """Give `{}` if that is a request of the task, else the first file in the folder that is one."""
    for text in ("{}\n", *(path.read_text("utf-8") for path in sorted(examples.glob("*.json")))):
        try:
            declaration.request.model_validate_json(text)
        except ValidationError:
            continue
        return text
    raise ValueError(f"{examples} has no request that {declaration.name} takes: add one")


def typescript_call(declaration: Declaration) -> str:
    """Give the client's method: `prism.simulateScenario`."""
    domain, _, verb = declaration.name.partition(".")
    return f"{domain}.{to_camel(verb)}"


def _section(declaration: Declaration, examples: Path, apart: frozenset[str]) -> Iterator[str]:
    yield f"## {declaration.name}\n\n{declaration.summary}\n"
    yield _terms(declaration)
    yield f"```ts\nconst job = await fleet.{typescript_call(declaration)}(request);\n```\n"
    fields = Fields(declaration.schema["$defs"], apart)
    yield "### Request\n"
    yield from _tables(fields, declaration.request.__name__, _REQUEST_COLUMNS)
    yield f"```json\n{example_request(declaration, examples)}```\n"
    yield "### Result\n"  # has every field, so there are no defaults to tell
    yield from _tables(fields, declaration.result.__name__, _RESULT_COLUMNS)
    yield "### Errors\n"
    yield task_errors(declaration)


def _terms(declaration: Declaration) -> str:
    terms = declaration.terms
    queues = (declaration.queue, *sorted(declaration.also_on - {declaration.queue}))
    return table(
        ("queue", "soft limit", "hard limit", "attempts", "largest request", "split into shards"),
        (
            (
                ", ".join(f"`{queue}`" for queue in queues),
                _span(terms.soft_limit),
                _span(terms.hard_limit),
                str(terms.attempts),
                _size(terms.max_request_bytes),
                "yes" if declaration.fan_out else "no",
            ),
        ),
    )


def _types(declarations: Sequence[Declaration], apart: frozenset[str]) -> Iterator[str]:
    """Give a section for each type that is met in more than one place, by name."""
    if not apart:
        return
    yield "## Types\n\nThey are parts of more than one request or result.\n"
    definitions: dict[str, Any] = {}
    for declaration in declarations:
        definitions |= declaration.schema["$defs"]
    fields = Fields(definitions, apart)
    asked = {name for each in declarations for name in _read_in(fields, each.request.__name__)}
    shown: set[str] = set()
    for name in sorted(apart):
        yield f"### {name}\n"
        columns = _REQUEST_COLUMNS if name in asked else _RESULT_COLUMNS
        yield from _tables(fields, name, columns, but=shown)
        shown |= fields.variants_in(name).keys()


def _read_in(fields: Fields, name: str) -> set[str]:
    """Give the types that a type is made of, however deep."""
    found: set[str] = set()
    new = {name}
    while new:
        found |= new
        new = {inner for each in new for inner in fields.named_in(each)} - found
    return found


def _tables(
    fields: Fields, kind: str, columns: tuple[str, ...], but: Collection[str] = ()
) -> Iterator[str]:
    """Give a table of the type's fields, then one for each variant of the unions in it.

    The variants in `but` were shown before.
    """
    variants = {name: tag for name, tag in fields.variants_in(kind).items() if name not in but}
    for name, tag in {kind: "", **variants}.items():
        definition = fields.definitions[name]
        opening = f"{tag}: " if tag else ""
        if "description" in definition:
            yield f"{opening}{definition['description']}\n"
        if "properties" not in definition:
            yield f"{fields.words(definition)}.\n"
            continue
        rows = [
            (f"`{field.path}`", *(getattr(field, column) for column in columns))
            for field in fields.of(name)
        ]
        if rows:
            yield table(("field", *columns), rows)


def _span(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min"


def _size(size: int) -> str:
    return f"{size / 2**20:g} MiB"
