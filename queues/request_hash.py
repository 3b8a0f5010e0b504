"""The identity of a request: equal hashes mean the same work, in any language."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


class Unhashable(ValueError):
    """The request has no canonical form: a text in it is not Unicode."""


def request_hash(*, task: str, tenant: str, request: Any) -> str:
    """Give SHA-256, in hexadecimal, of the RFC 8785 form of task, tenant and request."""
    return canonical_sha256({"task": task, "tenant": tenant, "request": request})


def canonical_sha256(value: Any) -> str:
    """Give SHA-256, in hexadecimal, of the RFC 8785 form of a JSON value."""
    try:
        try:
            canonical = rfc8785.dumps(value)
        except rfc8785.IntegerDomainError:
            canonical = rfc8785.dumps(_as_doubles(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, OverflowError) as error:
        raise Unhashable(str(error)) from error
    return hashlib.sha256(canonical).hexdigest()


def _as_doubles(value: Any) -> Any:
    """Read every number as JavaScript does; RFC 8785 knows no other."""
    match value:
        case dict():
            return {name: _as_doubles(item) for name, item in value.items()}
        case list():
            return [_as_doubles(item) for item in value]
        case int() if not isinstance(value, bool):
            return float(value)
        case _:
            return value
