"""The contract: what clients in other languages are generated from and tested against.

`clients/contract/schema.json` describes every task of the catalogue and what the fleet says about
a job; `clients/contract/golden/` holds examples that each language must reproduce.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from queues.events import JobEvent, Kind
from queues.job_error import Code, Remedy
from queues.message import MAX_DEPTH
from queues.names import PRIORITY_STEP
from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from workers import golden

FOLDER = Path("clients/contract")
_VERSION = 1
_DEPTH_OF_REQUEST = 2
"""The request lies inside the body's array and its kwargs."""


def write(root: Path) -> None:
    """Write the contract's files into the repository at `root`."""
    for path, text in _files().items():
        target = root / FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def differences(root: Path) -> list[str]:
    """Give the contract's files under `root` that are missing, outdated or not generated."""
    folder = root / FOLDER
    expected = _files()
    strangers = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.json")
    } - expected.keys()
    outdated = {path for path, text in expected.items() if _read(folder / path) != text}
    return sorted((FOLDER / path).as_posix() for path in outdated | strangers)


def schema(declarations: Iterable[Declaration] = CATALOGUE) -> dict[str, Any]:
    """Describe tasks, events and errors. Raises `ValueError` if two tasks' types collide."""
    declarations = sorted(declarations, key=lambda declaration: declaration.name)
    return {
        "version": _VERSION,
        "tasks": {declaration.name: _task(declaration) for declaration in declarations},
        "$defs": _definitions(declarations),
        "events": {
            "kinds": [kind.value for kind in Kind],
            "last": [kind.value for kind in Kind if kind.is_last],
            "schema": _event_schema(),
        },
        "errors": {
            remedy.value: [code.value for code in Code if code.remedy is remedy]
            for remedy in Remedy
        },
        "priorities": {priority.value: step for priority, step in PRIORITY_STEP.items()},
        "maxRequestDepth": MAX_DEPTH - _DEPTH_OF_REQUEST,
    }


def _task(declaration: Declaration) -> dict[str, Any]:
    terms = declaration.terms
    return {
        "queue": declaration.queue.value,
        "summary": declaration.summary,
        "schemaHash": declaration.schema_hash,
        "maxRequestBytes": terms.max_request_bytes,
        "softLimitSeconds": terms.soft_limit.total_seconds(),
        "hardLimitSeconds": terms.hard_limit.total_seconds(),
        "request": declaration.request.__name__,
        "result": declaration.result.__name__,
    }


def _definitions(declarations: Iterable[Declaration]) -> dict[str, Any]:
    """Join the tasks' types. Two may share a type, but not a name for different types."""
    definitions: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for declaration in declarations:
        for name, definition in declaration.schema["$defs"].items():
            definition = without_titles(definition)
            if definitions.setdefault(name, definition) != definition:
                raise ValueError(
                    f"{owners[name]} and {declaration.name} both have a type called {name}, "
                    "and the two differ: rename one"
                )
            owners.setdefault(name, declaration.name)
    return dict(sorted(definitions.items()))


def _event_schema() -> dict[str, Any]:
    event: dict[str, Any] = without_titles(JobEvent.model_json_schema(mode="serialization"))
    for definition in (event, *event["$defs"].values()):
        if "properties" in definition:  # a default is written like any other value
            definition["required"] = list(definition["properties"])
    # With an id of its own, the schema's references are relative to itself.
    return {"$id": "job-event", **event}


def without_titles(schema: Any) -> Any:
    """Drop the titles pydantic makes up: generators would turn each into a type's name."""
    if isinstance(schema, dict):
        return {
            key: without_titles(value)
            for key, value in schema.items()
            if key != "title" or not isinstance(value, str)
        }
    if isinstance(schema, list):
        return [without_titles(item) for item in schema]
    return schema


def _files() -> dict[str, str]:
    return {
        "schema.json": _json(schema()),
        "golden/messages.json": _json(golden.messages()),
        "golden/job-ids.json": _json(golden.job_ids()),
        "golden/events.json": _json(golden.events()),
        "golden/results.json": _json(golden.results()),
    }


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
