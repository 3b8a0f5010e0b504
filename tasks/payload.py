"""The base of everything that crosses the wire."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that JSON readers with doubles (JavaScript) keep exactly."""

Count = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
"""A number of things, safe to read in JavaScript."""


class Payload(BaseModel):
    """A closed, immutable record: camelCase on the wire, unknown fields and NaN refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        # A NaN that got in unvalidated is written as such, for the check of a result to find; as
        # null it would pass where a number may be absent.
        ser_json_inf_nan="constants",
        use_attribute_docstrings=True,
        # A result is written with its defaults, so its readers may rely on every field.
        json_schema_serialization_defaults_required=True,
    )
