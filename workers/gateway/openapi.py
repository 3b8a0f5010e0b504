"""The OpenAPI document: what FastAPI sees of the routes, and the catalogue's own schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.fleet.put_schedule import put_schedule
from workers import contract
from workers.gateway.problem import MEDIA_TYPE, Problem

_OURS = "#/$defs/"
_SCHEMAS = "#/components/schemas/"
_INTRODUCTION = """\
Submit jobs to the fleet, follow them and fetch what they make. Errors are RFC 9457 problems; their
`code` never changes, and `remedy` says whether to change the request, to wait, or to call us.
"""


def document(app: FastAPI) -> dict[str, Any]:
    """Give the document of an app's routes."""
    made = get_openapi(
        title="riskfleet",
        version="1",
        summary="A fleet that runs risk mathematics",
        description=_INTRODUCTION,
        routes=app.routes,
    )
    made["paths"] = contract.without_titles(made["paths"])
    schemas = contract.without_titles(made["components"]["schemas"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, schema in {**_task_schemas(), **_problem_schemas(), **_named_schemas()}.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"the gateway and the catalogue both have a type called {name}")
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    for operations in made["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= _REFUSALS
    return made


def request_body(declaration: Declaration) -> dict[str, Any]:
    """Describe the body with which a task is asked for."""
    return {
        "required": True,
        "content": {"application/json": {"schema": _ref(declaration.request.__name__)}},
    }


def submitted(description: str) -> dict[str, Any]:
    """Describe the answer to a submission: where the job is, and what can be asked of it."""
    job = {"job_id": "$response.body#/id"}
    asked = ("read_job", "read_result", "cancel_job", "link_artifacts", "follow_job")
    return {
        "description": description,
        "headers": {
            "Location": {"description": "The job.", "required": True, "schema": {"type": "string"}}
        },
        "links": {name: {"operationId": name, "parameters": job} for name in asked},
    }


def any_result() -> dict[str, Any]:
    """Describe a document that is the result of some task."""
    names = sorted({declaration.result.__name__ for declaration in CATALOGUE})
    return {"content": {"application/json": {"schema": {"anyOf": [_ref(name) for name in names]}}}}


@cache
def _task_schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = _referring_to_components(contract.schema()["$defs"])
    return schemas


def named_request_body(declaration: Declaration) -> dict[str, Any]:
    """Describe a body that leaves the request's `name` to the address."""
    schema = _ref(f"Named{declaration.request.__name__}")
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _named_schemas() -> dict[str, Any]:
    """Give the types of requests without the `name` that is in the address."""
    name = put_schedule.request.__name__
    schema = _task_schemas()[name]
    kept = {field: each for field, each in schema["properties"].items() if field != "name"}
    required = [field for field in schema["required"] if field != "name"]
    return {f"Named{name}": {**schema, "properties": kept, "required": required}}


def _problem_schemas() -> dict[str, Any]:
    schema = contract.without_titles(
        Problem.model_json_schema(mode="serialization", ref_template=_SCHEMAS + "{model}")
    )
    return {**schema.pop("$defs"), "Problem": schema}


def _referring_to_components(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _referring_to_components(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_referring_to_components(item) for item in schema]
    if isinstance(schema, str) and schema.startswith(_OURS):
        return _SCHEMAS + schema.removeprefix(_OURS)
    return schema


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _SCHEMAS + name}


_REFUSALS = {
    status: {"description": description, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
    for status, description in (
        ("4XX", "Not as it was asked; `code` says why and `remedy` what to do."),
        ("5XX", "Not at present, or through a fault of ours."),
    )
}
