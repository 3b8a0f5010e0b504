"""One distribution for what one expert believes, or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq

from engines.errors import InvalidInput
from engines.prism.distributions import Distribution
from engines.prism.fitting.estimates import QuantileFit, fit_quantiles
from engines.prism.fitting.model import DoesNotFit, FamilyName, LeftOut
from engines.progress import Progress

POOLED_PROBABILITIES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the pool, to fit one distribution to."""
_AS_GOOD: Final = 1e-6
"""Relative errors that differ by less are equal: a search ends somewhere near the least."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """Quantiles that an expert believes in, and how much that counts."""

    probabilities: tuple[float, ...]
    values: tuple[float, ...]
    weight: float


@dataclass(frozen=True, kw_only=True)
class OpinionFit:
    """A distribution beside what each expert said."""

    family: FamilyName
    distribution: Distribution
    parameters: int
    """How many were free."""
    beside: tuple[QuantileFit, ...]
    """One an expert: the quantiles as he stated them."""
    relative_error: float
    """The root of the experts' mean squares of ln(fitted / stated), averaged by their weights."""


def fit_opinions(
    opinions: Sequence[Opinion], families: Sequence[FamilyName], *, progress: Progress
) -> tuple[tuple[OpinionFit, ...], tuple[LeftOut, ...]]:
    """Fit each family to the quantiles of one expert, or of the pool of several; the best first.

    For the pool each expert is given the family that fits him best. Whatever was fitted to, the
    error is measured from what the experts stated, so their disagreement is in it. Of families
    that fit equally well the one of fewer parameters comes first, then the one asked for first.
    """
    probabilities, values = opinions[0].probabilities, opinions[0].values
    if len(opinions) > 1:
        experts: list[Distribution] = []
        for place, opinion in enumerate(opinions):
            progress(place / len(opinions), "fitting each expert")
            ranked, _ = _ranked(families, opinion.probabilities, opinion.values, [opinion])
            experts.append(ranked[0].distribution)
        probabilities = POOLED_PROBABILITIES
        values = pooled_quantiles(experts, [each.weight for each in opinions], probabilities)
    progress(1.0, "fitting the families")
    return _ranked(families, probabilities, values, opinions)


def pooled_quantiles(
    experts: Sequence[Distribution], weights: Sequence[float], probabilities: Sequence[float]
) -> tuple[float, ...]:
    """Give quantiles of the linear opinion pool, the weighted mean of distribution functions.

    It keeps all the disagreement: where experts differ, the pool is wider than each of them.
    Source: Stone, "The opinion pool", Annals of Mathematical Statistics 32, 1961.
    """
    total = sum(weights)

    def quantile(p: float) -> float:
        ends = [float(expert.quantile(np.array(p))) for expert in experts]
        low, high = min(ends), max(ends)

        def excess(x: float) -> float:
            each = (float(expert.cdf(np.array(x))) for expert in experts)
            return sum(w * below for w, below in zip(weights, each, strict=True)) / total - p

        # At the lowest of the experts' quantiles none says more than p, at the highest none less.
        if excess(low) >= 0:
            return low
        return high if excess(high) <= 0 else float(brentq(excess, low, high, rtol=1e-13))

    return tuple(quantile(p) for p in probabilities)


def _ranked(
    families: Sequence[FamilyName],
    probabilities: tuple[float, ...],
    values: tuple[float, ...],
    opinions: Sequence[Opinion],
) -> tuple[tuple[OpinionFit, ...], tuple[LeftOut, ...]]:
    fits, left_out = [], []
    for family in families:
        try:
            fits.append(_measured(fit_quantiles(family, probabilities, values), opinions))
        except DoesNotFit as reason:
            left_out.append(LeftOut(family=family, reason=str(reason)))
    if not fits:
        reasons = "; ".join(f"{each.family} {each.reason}" for each in left_out)
        raise InvalidInput("families", expected="one that fits the quantiles", received=reasons)
    fits.sort(key=lambda fit: (fit.relative_error // _AS_GOOD, fit.parameters))
    return tuple(fits), tuple(left_out)


def _measured(fit: QuantileFit, opinions: Sequence[Opinion]) -> OpinionFit:
    beside = tuple(fit.beside(each.probabilities, each.values) for each in opinions)
    squares = (
        each.weight * stated.root_mean_square**2
        for each, stated in zip(opinions, beside, strict=True)
    )
    return OpinionFit(
        family=fit.family,
        distribution=fit.distribution,
        parameters=fit.parameters,
        beside=beside,
        relative_error=math.sqrt(math.fsum(squares) / sum(each.weight for each in opinions)),
    )
