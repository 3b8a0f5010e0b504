"""The OpenAPI document is what the gateway does: schemathesis asks whatever it allows, and more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tasks.catalogue import CATALOGUE
from tests.fleet import FleetUnderTest
from tests.workers.gateway.conftest import RunningGateway, serving

CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 6, "database": "none"},
    "request-timeout": 20,
    "checks": {
        # A schema cannot say that the low must be below the high.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "4xx"]},
    },
    "phases": {"stateful": {"max-steps": 6}},
    "operations": [
        # Without a worker no job ends, so a stream of its events would not either.
        {"include-operation-id": "follow_job", "enabled": False},
        # One task is asked for in every way; the others, by the same code, in a few.
        {
            "include-path-regex": r"^/v1/tasks/(?!fleet\.put_schedule/).*/jobs$",
            "phases": {"coverage": {"enabled": False}},
            "generation": {"max-examples": 2},
        },
    ],
}
LEAST_SERVED = 300
"""Far fewer requests would mean that schemathesis found little to ask."""


@pytest.fixture
def gateway(fleet: FleetUnderTest) -> Iterator[RunningGateway]:
    """A gateway before a fleet that runs nothing: made-up jobs may ask for hours and terabytes."""
    with serving(fleet) as gateway:
        yield gateway


def test_the_gateway_keeps_to_its_document(gateway: RunningGateway) -> None:
    """Every answer is one that the document allows; what it forbids is refused; nothing breaks."""
    token = {"Authorization": f"Bearer {gateway.token()}"}
    schema = schemathesis.openapi.from_url(
        f"{gateway.address}/openapi.json",
        config=SchemathesisConfig.from_dict({**CONFIG, "headers": token}),
    )

    served, failures = 0, []
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            served += len(event.recorder.interactions)
            failures += [
                check.failure_info.failure
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
        elif isinstance(event, events.NonFatalError | events.FatalError):
            failures.append(event)
    assert failures == []
    assert served > LEAST_SERVED


def test_every_task_has_its_own_path_and_types(gateway: RunningGateway) -> None:
    """A client generated from the document has a method a task, with the task's own request."""
    with gateway.client() as client:
        document = client.get("/openapi.json").json()

    requests = {
        path.split("/")[3]: operations["post"]["requestBody"]["content"]["application/json"]
        for path, operations in document["paths"].items()
        if path.endswith("/jobs") and path != "/v1/jobs"
    }
    assert requests == {
        declaration.name: {
            "schema": {"$ref": f"#/components/schemas/{declaration.request.__name__}"}
        }
        for declaration in CATALOGUE
    }
    assert {task.result.__name__ for task in CATALOGUE} <= document["components"]["schemas"].keys()
