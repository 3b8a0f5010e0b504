"""The expected annual loss of scenarios under any choice of controls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from engines.prism.controls.changed_scenario import ChangedScenario, changed_scenario
from engines.prism.controls.control import Control, acting
from engines.prism.controls.effect_draws import Effects
from engines.prism.distributions import Floats
from engines.prism.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class ExpectedLoss:
    """Scenarios and controls, and what has been worked out about them."""

    scenarios: Mapping[str, Scenario]
    controls: Sequence[Control]
    effects: Effects
    _means: dict[tuple[str, int], float] = field(default_factory=dict, init=False, repr=False)

    def given_effects(self, chosen: Collection[int]) -> Floats:
        """Give the mean annual loss of all scenarios under the chosen controls, by draw.

        Exact for each draw of the effects: nothing is simulated.
        """
        total = np.zeros(self.effects.size)
        for name in self.scenarios:
            total += self.changed(name, chosen).expected_annual_loss
        return total

    def mean(self, chosen: Collection[int]) -> float:
        """Give the expected annual loss of all scenarios, over years and effects."""
        return sum(self.mean_of(name, chosen) for name in self.scenarios)

    def mean_of(self, name: str, chosen: Collection[int]) -> float:
        """Give the expected annual loss of one scenario, worked out once for each choice."""
        meeting = sum(1 << k for k in chosen) & self._meeting[name]
        if (name, meeting) not in self._means:
            self._means[name, meeting] = float(
                self.changed(name, chosen).expected_annual_loss.mean()
            )
        return self._means[name, meeting]

    def changed(self, name: str, chosen: Collection[int]) -> ChangedScenario:
        """Give a scenario under the chosen controls."""
        actions = acting(self.controls, tuple(chosen), name)
        return changed_scenario(self.scenarios[name], self.controls, actions, self.effects)

    @cached_property
    def _meeting(self) -> dict[str, int]:
        """The controls that act on each scenario, as a set of bits."""
        everything = range(len(self.controls))
        return {
            name: sum({1 << k for k, _ in acting(self.controls, everything, name)})
            for name in self.scenarios
        }
