"""`docs/tasks.md`: what can be asked for, what comes back, and how it may end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.payload import Payload
from workers.reference.error_codes import task_errors
from workers.reference.fields import Fields
from workers.reference.markdown import table

_OPENING = """\
# Tasks

Everything that can be asked for. This page is generated from the declarations in `tasks/` by
`fleet contract`. A path with a dot leads into an object, `[]` into the items of a list. The codes
of errors are explained in [the wire](wire.md#read-a-result).
"""


def tasks_page(examples: Path) -> str:
    """Give the text of the page, with example requests out of a folder."""
    sections = (_section(declaration, examples) for declaration in CATALOGUE)
    return "\n".join((_OPENING, *(part for section in sections for part in section)))


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


def _section(declaration: Declaration, examples: Path) -> Iterator[str]:
    yield f"## {declaration.name}\n\n{declaration.summary}\n"
    yield _terms(declaration)
    yield f"```ts\nconst job = await fleet.{typescript_call(declaration)}(request);\n```\n"
    fields = Fields(declaration.schema["$defs"])
    yield "### Request\n"
    yield from _tables(fields, declaration.request, columns=("type", "default", "meaning"))
    yield f"```json\n{example_request(declaration, examples)}```\n"
    yield "### Result\n"  # has every field, so there are no defaults to tell
    yield from _tables(fields, declaration.result, columns=("type", "meaning"))
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


def _tables(fields: Fields, kind: type[Payload], *, columns: tuple[str, ...]) -> Iterator[str]:
    """Give a table of the type's fields, then one for each variant of the unions in it."""
    for name, tag in {kind.__name__: "", **fields.variants_in(kind.__name__)}.items():
        opening = f"With `{tag}`: " if tag else ""
        yield f"{opening}{fields.definitions[name]['description']}\n"
        yield table(
            ("field", *columns),
            (
                (f"`{field.path}`", *(getattr(field, column) for column in columns))
                for field in fields.of(name)
            ),
        )


def _span(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds:g} s" if seconds < 60 else f"{seconds / 60:g} min"


def _size(size: int) -> str:
    return f"{size / 2**20:g} MiB"
