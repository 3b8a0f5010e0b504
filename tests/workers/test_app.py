"""What Celery is told about the fleet's messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kombu import serialization

from workers.app import read_plain_json


@pytest.fixture
def plain_json() -> Iterator[None]:
    read_plain_json()
    yield
    serialization.register_json()


@pytest.mark.usefixtures("plain_json")
@pytest.mark.parametrize("kind", ["datetime", "bytes", "uuid", "no such type", None, {}])
def test_a_request_is_never_read_as_python_objects(kind: object) -> None:
    """`{"__type__": ...}` is an object with two names, for the task to refuse by name."""
    sent = [[], {"request": {"at": {"__type__": kind, "__value__": "x"}}}, {}]
    content_type, encoding, body = serialization.dumps(sent, "json")

    read = serialization.loads(body.encode(), content_type, encoding, accept={content_type})

    assert read == sent
