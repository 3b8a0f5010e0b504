"""Several scenarios in one request, each by its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from engines.errors import InvalidInput
from engines.prism import scenario
from tasks.payload import Payload
from tasks.prism.scenario import Scenario

ScenarioId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class NamedScenario(Payload):
    """A scenario and what it is called."""

    id: ScenarioId
    """No two scenarios of a request may share it."""
    scenario: Scenario


def engine_scenarios(named: Sequence[NamedScenario]) -> dict[str, scenario.Scenario]:
    """Give the scenarios by id. Raises `InvalidInput` at the first id that comes twice."""
    scenarios: dict[str, scenario.Scenario] = {}
    for i, each in enumerate(named):
        if each.id in scenarios:
            raise InvalidInput(f"scenarios.{i}.id", expected="an id of its own", received=each.id)
        scenarios[each.id] = each.scenario.engine()
    return scenarios
