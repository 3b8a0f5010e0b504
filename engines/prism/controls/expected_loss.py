"""The expected annual loss of scenarios under any choice of controls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

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
    _known: dict[tuple[str, tuple[tuple[int, int], ...]], ChangedScenario] = field(
        default_factory=dict, init=False, repr=False
    )

    def given_effects(self, chosen: Collection[int]) -> Floats:
        """Give the mean annual loss of all scenarios under the chosen controls, by draw.

        Exact for each draw of the effects: nothing is simulated.
        """
        total = np.zeros(1)
        for name in self.scenarios:
            total = total + self.of_scenario(name, chosen)
        return np.broadcast_to(total, max(total.size, self.effects.size))

    def mean(self, chosen: Collection[int]) -> float:
        """Give the expected annual loss of all scenarios, over years and effects."""
        return sum(float(self.of_scenario(name, chosen).mean()) for name in self.scenarios)

    def of_scenario(self, name: str, chosen: Collection[int]) -> Floats:
        """Give the mean annual loss of one scenario, by draw of the effects that matter to it."""
        return self.changed(name, chosen).expected_annual_loss

    def changed(self, name: str, chosen: Collection[int]) -> ChangedScenario:
        """Give a scenario under the chosen controls."""
        actions = tuple(acting(self.controls, tuple(chosen), name))
        if (name, actions) not in self._known:
            self._known[name, actions] = changed_scenario(
                self.scenarios[name], self.controls, actions, self.effects
            )
        return self._known[name, actions]
