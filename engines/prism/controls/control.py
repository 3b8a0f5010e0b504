"""A control: what it does to which nodes of which scenarios, how surely, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.errors import InvalidInput
from engines.prism.distributions import Constant, Distribution
from engines.prism.fair_node import CONTEST, FairNode, leaves_of, nodes_above, with_leaves
from engines.prism.scenario import Scenario

MAX_SCENARIOS: Final = 50
MAX_CONTROLS: Final = 50
_WHOLE: Final = Constant(1.0)
_NOTHING: Final = Constant(0.0)


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """Multiply the node by 1 - share * coverage * reliability, on any node of the tree.

    Source of the two factors: FAIR Institute, FAIR Controls Analytics Model (FAIR-CAM), where a
    control's operational efficacy follows from its intended efficacy, the share of assets it
    covers, and the share of time it is in its intended state.
    """

    share: Distribution
    coverage: Distribution = _WHOLE
    reliability: Distribution = _WHOLE

    def __post_init__(self) -> None:
        for name, factor in self.factors.items():
            low, high = factor.support
            if low < 0 or high > 1:
                expected = "a distribution within 0 to 1: it is a share"
                raise InvalidInput(name, expected=expected, received=f"{low:g} to {high:g}")

    @property
    def factors(self) -> dict[str, Distribution]:
        """What the reduction is the product of, by name."""
        return {"share": self.share, "coverage": self.coverage, "reliability": self.reliability}


@dataclass(frozen=True)
class Addition:
    """Add an amount to threat capability or resistance strength, on the scale of the two."""

    amount: Distribution
    sign: int = 1
    """-1 to take the amount away."""


@dataclass(frozen=True)
class Replacement:
    """Put another distribution in the place of a leaf.

    It is the leaf's own variation from year to year or event to event: nothing is uncertain about
    the effect itself.
    """

    by: Distribution


Effect = Reduction | Addition | Replacement


@dataclass(frozen=True, kw_only=True)
class Action:
    """What a control does to one node of some scenarios, with one and the same effect in all."""

    node: FairNode
    scenarios: tuple[str, ...]
    """Their ids."""
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class Control:
    """Something that can be bought against loss."""

    actions: tuple[Action, ...]
    """At least one; done in this order."""
    annual_cost: Distribution = _NOTHING
    one_off_cost: Distribution = _NOTHING
    amortisation_years: float = 3.0
    """Years over which the one-off cost is spread, evenly and without interest."""

    def __post_init__(self) -> None:
        for name in ("annual_cost", "one_off_cost"):
            low, high = getattr(self, name).support
            if low < 0:
                raise InvalidInput(name, expected="never negative", received=f"{low:g} to {high:g}")
        if not 0 < self.amortisation_years <= 100:
            raise InvalidInput(
                "amortisation_years", expected="more than 0 and at most 100",
                received=self.amortisation_years,
            )  # fmt: skip

    @property
    def mean_cost_per_year(self) -> float:
        """The expected annual cost and a year's part of the one-off cost."""
        return self.annual_cost.mean + self.one_off_cost.mean / self.amortisation_years


def check_controls(controls: Mapping[str, Control], scenarios: Mapping[str, Scenario]) -> None:
    """Refuse controls that act where there is nothing to act on, by the path in the request."""
    if not 1 <= len(scenarios) <= MAX_SCENARIOS:
        expected = f"from 1 to {MAX_SCENARIOS} scenarios"
        raise InvalidInput("scenarios", expected=expected, received=len(scenarios))
    if not 1 <= len(controls) <= MAX_CONTROLS:
        expected = f"from 1 to {MAX_CONTROLS} controls"
        raise InvalidInput("controls", expected=expected, received=len(controls))
    for k, control in enumerate(controls.values()):
        for j, action in enumerate(control.actions):
            path = f"controls.{k}.actions.{j}"
            for i, name in enumerate(action.scenarios):
                if name not in scenarios:
                    expected = f"one of {', '.join(scenarios)}"
                    raise InvalidInput(f"{path}.scenarios.{i}", expected=expected, received=name)
                if name in action.scenarios[:i]:
                    raise InvalidInput(f"{path}.scenarios.{i}", expected="each once", received=name)
                _check_action(action, scenarios[name], name, path)


def acting(
    controls: Sequence[Control], chosen: Sequence[int], scenario: str
) -> list[tuple[int, int]]:
    """Give which actions of the chosen controls meet a scenario, as (control, action), in order."""
    return [
        (k, j)
        for k in sorted(chosen)
        for j, action in enumerate(controls[k].actions)
        if scenario in action.scenarios
    ]


def _check_action(action: Action, scenario: Scenario, name: str, path: str) -> None:
    leaves, effect = leaves_of(scenario), action.effect
    possible: set[FairNode] = leaves.keys() | nodes_above(scenario)
    if isinstance(effect, Addition):
        possible = leaves.keys() & set(CONTEST)
    elif isinstance(effect, Replacement):
        possible = set(leaves)
    if action.node not in possible:
        expected = f"another effect: {name} has no node that this one can change"
        if possible:
            nodes = ", ".join(node for node in FairNode if node in possible)
            expected = f"a node of {name} that this effect can change: {nodes}"
        raise InvalidInput(f"{path}.node", expected=expected, received=action.node)
    if isinstance(effect, Replacement):
        try:
            with_leaves(scenario, {action.node: effect.by})
        except InvalidInput as refusal:
            raise InvalidInput(
                f"{path}.effect.by", expected=refusal.expected, received=refusal.received
            ) from refusal
