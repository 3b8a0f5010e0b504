"""The identity of a request: equal hashes mean the same work, in any language."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


class Unhashable(ValueError):
    """The request has no canonical form: a number that JavaScript cannot hold exactly."""


def request_hash(*, task: str, tenant: str, request: Any) -> str:
    """Give SHA-256, in hexadecimal, of the RFC 8785 form of task, tenant and request."""
    try:
        canonical = rfc8785.dumps({"task": task, "tenant": tenant, "request": request})
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Unhashable(str(error)) from error
    return hashlib.sha256(canonical).hexdigest()
