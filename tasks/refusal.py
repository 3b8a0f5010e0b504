"""Says what is wrong with a request at the field where it is, in the request's own words.

Pydantic puts the path of a `ValidationError` that a validator raises behind the validator's own,
and goes on to the other fields. Both tools here rest on that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from engines.errors import InvalidInput

_REFUSED_BY_ENGINE = "invalid_input"


@contextmanager
def refused_fields(of: BaseModel) -> Iterator[None]:
    """Report an `InvalidInput` raised in a model's validator at the field it names.

    So a validator may build the engine's value and leave the checks to the engine; raised as it
    is, the error would be reported at the model as a whole. A name in the engine's snake_case is
    reported in the wire's camelCase.
    """
    try:
        yield
    except InvalidInput as refusal:
        problem = InitErrorDetails(
            type=refused_value(refusal.expected),
            loc=tuple(to_camel(step) for step in refusal.field.split(".")),
            input=refusal.received,
        )
        raise ValidationError.from_exception_data("request", [problem]) from refusal


def _untagged(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    try:
        return validate(value)
    except ValidationError as error:
        problems = [_without_tag(problem) for problem in error.errors()]
        raise ValidationError.from_exception_data(error.title, problems) from error


def _without_tag(problem: ErrorDetails) -> InitErrorDetails:
    kind = problem["type"]
    return InitErrorDetails(
        type=refused_value(problem["msg"]) if kind == _REFUSED_BY_ENGINE else kind,
        loc=problem["loc"][1:],
        input=problem["input"],
        ctx=problem.get("ctx", {}),
    )


def refused_value(expected: str) -> PydanticCustomError:
    """Give what a validator raises to refuse a value where it stands."""
    return PydanticCustomError(_REFUSED_BY_ENGINE, "{expected}", {"expected": expected})


UNTAGGED = WrapValidator(_untagged)
"""For a union with a discriminator: `scenario.loss.high`, not pydantic's `scenario.loss.pert.high`.

The caller wrote no field called `pert`.
"""
