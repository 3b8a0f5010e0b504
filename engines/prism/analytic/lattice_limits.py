"""What losses a lattice cannot see."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from engines.prism.distributions import (
    Beta,
    Binomial,
    Constant,
    Distribution,
    Empirical,
    NegativeBinomial,
    Pert,
    Poisson,
)
from engines.prism.portfolio import Portfolio

NARROWEST: Final = 0.01
"""Standard deviation over mean of a loss: a step of the lattice is about half of that."""
MOST_VALUES: Final = 2000
"""Of a loss that takes single values; more are slow, and are seen as well by simulation."""
SMALLEST_SHAPE: Final = 0.5
"""Of a beta at its lower end: below, half of the losses are all but that end."""
SMALLEST_UPPER_SHAPE: Final = 1.0
"""Of a beta at its upper end: below, its density has no bound there."""


def why_not_on_a_lattice(portfolio: Portfolio) -> str | None:
    """Give the first reason for which losses are better simulated, if there is one."""
    for loss in _losses(portfolio):
        spread = math.sqrt(loss.variance) if math.isfinite(loss.variance) else math.inf
        if not isinstance(loss, Constant) and loss.mean > 0 and spread < NARROWEST * loss.mean:
            return "a loss varies too little for the grid of the analytic engine"
        if _values(loss) > MOST_VALUES:
            return "a loss takes too many single values for the grid of the analytic engine"
        beta = loss.as_beta if isinstance(loss, Pert) else loss
        if isinstance(beta, Beta) and (
            beta.alpha < SMALLEST_SHAPE or beta.beta < SMALLEST_UPPER_SHAPE
        ):
            return "the density of a loss has no bound at an end of it"
    return None


def _losses(portfolio: Portfolio) -> Iterator[Distribution]:
    for scenario in portfolio.scenarios.values():
        yield from scenario.primary_losses.values()
        if scenario.secondary_loss is not None:
            yield from scenario.secondary_loss.losses.values()


def _values(loss: Distribution) -> float:
    """Give how many single values a loss takes; 0 where it is smooth."""
    if isinstance(loss, Empirical):
        return len(set(loss.values))
    if isinstance(loss, Poisson | NegativeBinomial | Binomial):
        ends = np.array([1e-16])
        return float((loss.upper_quantile(ends) - loss.quantile(ends))[0])
    return 0
