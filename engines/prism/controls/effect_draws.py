"""What is uncertain about controls, their effects and costs, drawn or averaged.

This is what is not known (epistemic): it does not differ from year to year. It is kept apart from
the chance of years and events (aleatory), which the scenarios hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.prism.controls.control import Addition, Control, Reduction
from engines.prism.distributions import Distribution, Floats
from engines.prism.fair_node import CONTEST

DRAWS: Final = 2048
"""Joint draws of all that is uncertain about the controls."""
_DRAWS_FOR_A_MEAN: Final = 128
"""Stratified draws for a mean that has no closed form."""
_EFFECT, _COST = range(2)


@dataclass(frozen=True)
class Effects:
    """Effects by (control, action): the share taken off, or the amount added."""

    of: Mapping[tuple[int, int], Floats]
    """Arrays that broadcast against each other: of `size` draws, or of the mean alone."""
    size: int


def drawn_effects(controls: Sequence[Control], seed: int) -> Effects:
    """Draw all effects `DRAWS` times, jointly and independently of each other.

    An effect's draws depend on the seed and the places of its control and action only.
    """
    return Effects(
        {
            (k, j): _drawn(effect, (seed, k, j), DRAWS)
            for k, control in enumerate(controls)
            for j, action in enumerate(control.actions)
            if isinstance(effect := action.effect, Reduction | Addition)
        },
        DRAWS,
    )


def mean_effects(controls: Sequence[Control], seed: int) -> Effects:
    """Give the expected effects, and a few draws of those whose mean does not answer.

    The expected loss is linear in every effect but those on the contest of threat capability and
    resistance strength.
    """
    effects = {}
    for k, control in enumerate(controls):
        for j, action in enumerate(control.actions):
            effect = action.effect
            if not isinstance(effect, Reduction | Addition):
                continue
            if action.node in CONTEST:
                effects[k, j] = _drawn(effect, (seed, k, j), _DRAWS_FOR_A_MEAN)
            elif isinstance(effect, Reduction):
                effects[k, j] = np.array([math.prod(f.mean for f in effect.factors.values())])
    return Effects(effects, _DRAWS_FOR_A_MEAN)


def drawn_costs_per_year(controls: Sequence[Control], seed: int) -> Floats:
    """Give the yearly cost of each control (rows) in each of `DRAWS` draws (columns)."""
    costs = []
    for k, control in enumerate(controls):
        annual = _latin(control.annual_cost, (seed, k, 0, _COST, 0), DRAWS)
        one_off = _latin(control.one_off_cost, (seed, k, 0, _COST, 1), DRAWS)
        costs.append(annual + one_off / control.amortisation_years)
    return np.stack(costs)


def _drawn(effect: Reduction | Addition, place: tuple[int, int, int], size: int) -> Floats:
    if isinstance(effect, Addition):
        return effect.sign * _latin(effect.amount, (*place, _EFFECT, 0), size)
    factors = effect.factors.values()
    return _product([_latin(f, (*place, _EFFECT, i), size) for i, f in enumerate(factors)])


def _latin(distribution: Distribution, place: tuple[int, int, int, int, int], size: int) -> Floats:
    """Give the middle value of each of `size` equally likely strata, in random order.

    Source: McKay, Beckman and Conover, Technometrics 21(2) (1979), pp. 239-245 (Latin hypercube
    sampling), one row of the hypercube, centred.
    """
    seed, control, action, purpose, part = place
    counter = [0, 2 * part + purpose, action, control]
    generator = np.random.Generator(np.random.Philox(key=seed, counter=counter))
    return distribution.quantile((generator.permutation(size) + 0.5) / size)


def _product(values: Sequence[Floats]) -> Floats:
    return np.asarray(np.prod(np.stack(values), axis=0))
