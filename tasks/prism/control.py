"""Controls as they cross the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engines.errors import InvalidInput
from engines.prism.controls import control
from engines.prism.distributions import Constant
from engines.prism.fair_node import FairNode
from tasks.payload import Payload
from tasks.prism.distribution import Distribution
from tasks.prism.named_scenario import ScenarioId
from tasks.refusal import UNTAGGED, refused_fields

ControlId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ReduceBy(Payload):
    """Multiply the node by 1 - share x coverage x reliability: any node of the FAIR tree."""

    operation: Literal["reduceBy"]
    share: Distribution
    """Within 0 to 1: what the control takes off where it is in place and works."""
    coverage: Distribution | None = None
    """Within 0 to 1: how much of what is at risk the control covers; all of it if left out."""
    reliability: Distribution | None = None
    """Within 0 to 1: how much of the time the control works as meant; always if left out."""

    def engine(self) -> control.Reduction:
        one = Constant(1.0)
        return control.Reduction(
            share=self.share.engine(),
            coverage=one if self.coverage is None else self.coverage.engine(),
            reliability=one if self.reliability is None else self.reliability.engine(),
        )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


class AddOrSubtract(Payload):
    """Move threat capability or resistance strength on the scale of the two."""

    operation: Literal["add", "subtract"]
    """Which way."""
    amount: Distribution
    """How far."""

    def engine(self) -> control.Addition:
        return control.Addition(self.amount.engine(), 1 if self.operation == "add" else -1)


class ReplaceBy(Payload):
    """Put another estimate in the place of one that the scenario was given."""

    operation: Literal["replaceBy"]
    by: Distribution
    """What the node is with the control: its variation, not an uncertainty about the control."""

    def engine(self) -> control.Replacement:
        return control.Replacement(self.by.engine())


ControlEffect = Annotated[
    ReduceBy | AddOrSubtract | ReplaceBy, Field(discriminator="operation"), UNTAGGED
]


class ControlAction(Payload):
    """What a control does to one node of some scenarios: with one and the same effect in all."""

    node: FairNode
    """By its path in the scenario. A node that the scenario derives from others can be reduced."""
    scenarios: Annotated[tuple[ScenarioId, ...], Field(min_length=1, max_length=50)]
    """Their ids, each once."""
    effect: ControlEffect
    """What it does to the node."""

    def engine(self) -> control.Action:
        return control.Action(node=self.node, scenarios=self.scenarios, effect=self.effect.engine())


class Control(Payload):
    """Something that can be bought against loss."""

    id: ControlId
    """No two controls of a request may share it."""
    actions: Annotated[tuple[ControlAction, ...], Field(min_length=1, max_length=50)]
    """What it does, in this order."""
    annual_cost: Distribution | None = None
    """Every year, in the request's currency."""
    one_off_cost: Distribution | None = None
    """Once, in the request's currency."""
    amortisation_years: Annotated[float, Field(gt=0, le=100)] = 3
    """Years over which the one-off cost is spread, evenly and without interest."""

    def engine(self) -> control.Control:
        nothing = Constant(0.0)
        return control.Control(
            actions=tuple(action.engine() for action in self.actions),
            annual_cost=nothing if self.annual_cost is None else self.annual_cost.engine(),
            one_off_cost=nothing if self.one_off_cost is None else self.one_off_cost.engine(),
            amortisation_years=self.amortisation_years,
        )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        with refused_fields(self):
            self.engine()
        return self


def engine_controls(controls: Sequence[Control]) -> dict[str, control.Control]:
    """Give the controls by id. Raises `InvalidInput` at the first id that comes twice."""
    known: dict[str, control.Control] = {}
    for i, each in enumerate(controls):
        if each.id in known:
            raise InvalidInput(f"controls.{i}.id", expected="an id of its own", received=each.id)
        known[each.id] = each.engine()
    return known
