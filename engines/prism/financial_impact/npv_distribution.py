"""How far the present values may come out from what is expected.

Every year of every loss is drawn from its distribution; what is known (costs, effectiveness,
rates) stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from engines.errors import InvalidInput
from engines.prism.annual_loss_answers import Estimate
from engines.prism.binomial_intervals import percentile_ranks, proportion_interval
from engines.prism.distributions import Distribution
from engines.prism.financial_impact.horizon import Floats
from engines.prism.financial_impact.programme import Programme, costs_at_start, running_costs
from engines.prism.financial_impact.projection import Discounting
from engines.prism.monte_carlo.simulated_loss import Z_975
from engines.prism.streams import BLOCK_TRIALS, Purpose, stream
from engines.progress import Progress, unreported

MAX_TRIALS: Final = 1_000_000
"""Two numbers are kept of each: 16 megabytes."""
MAX_DRAWS: Final = 20_000_000
"""Trials times losses times years: a minute or two for the slowest distribution."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A simulated present value."""

    mean: Estimate
    standard_deviation: float
    percentiles: tuple[Estimate, ...]
    """As asked for, with the limits of their order statistics."""


@dataclass(frozen=True, kw_only=True)
class NpvDistribution:
    """Present values over simulated courses of the years."""

    losses_before: Spread
    losses_after: Spread
    net_present_value: Spread
    probability_of_gain: Estimate
    """That the controls save more than they cost."""


def check_draws(*, trials: int, losses: int, years: int) -> None:
    """Refuse a simulation too long to wait for."""
    if trials * losses * years > MAX_DRAWS:
        expected = f"trials x losses x years up to {MAX_DRAWS:,}"
        raise InvalidInput("simulation.trials", expected=expected, received=trials)


def simulate(
    programme: Programme,
    discounting: Discounting,
    *,
    trials: int,
    seed: int,
    autocorrelation: float,
    percents: Sequence[float],
    progress: Progress = unreported,
) -> NpvDistribution:
    """Simulate the present value of losses before and after all controls, and what is gained.

    The years of a loss are joined by a Gaussian copula whose normals have `autocorrelation` from
    one year to the next, a stationary autoregression of order one; losses are independent of each
    other. Trial blocks have streams of their own, so more trials only add to the same ones.
    """
    factors = discounting.price_factors * discounting.discount_factors
    weights = np.array([loss.scale(programme.years) * factors for loss in programme.losses])
    residual = programme.residual(programme.controls)
    before, after = np.zeros(trials), np.zeros(trials)
    for block, first in enumerate(range(0, trials, BLOCK_TRIALS)):
        generator = stream(seed, block, Purpose.FINANCIAL_YEARS)
        part = slice(first, min(first + BLOCK_TRIALS, trials))
        for row, loss in enumerate(programme.losses):
            # A whole block is drawn even where fewer trials are left, and cut afterwards.
            shocks = generator.standard_normal((BLOCK_TRIALS, programme.years))
            scores = _autoregression(shocks[: part.stop - first], autocorrelation)
            for year, weight in enumerate(weights[row]):
                progress(first / trials, "simulating years")
                amounts = weight * _amounts(loss.distribution, scores[:, year])
                before[part] += amounts
                after[part] += residual[row, year] * amounts
    spent = costs_at_start(programme.controls) + float(
        running_costs(programme.controls, programme.years) @ factors
    )
    gained = before - after - spent
    return NpvDistribution(
        losses_before=_spread(before, percents),
        losses_after=_spread(after, percents),
        net_present_value=_spread(gained, percents),
        probability_of_gain=_probability(int(np.count_nonzero(gained > 0)), trials),
    )


def _autoregression(shocks: Floats, autocorrelation: float) -> Floats:
    fresh = math.sqrt(1 - autocorrelation**2)
    scores = shocks.copy()
    for year in range(1, shocks.shape[1]):
        scores[:, year] = autocorrelation * scores[:, year - 1] + fresh * shocks[:, year]
    return scores


def _amounts(distribution: Distribution, scores: Floats) -> Floats:
    """Give the quantiles at standard normal scores, each from its nearer end."""
    amounts = np.empty_like(scores)
    low = scores < 0
    amounts[low] = distribution.quantile(ndtr(scores[low]))
    amounts[~low] = distribution.upper_quantile(ndtr(-scores[~low]))
    return amounts


def _spread(values: Floats, percents: Sequence[float]) -> Spread:
    ordered = np.sort(values)
    mean = math.fsum(values) / len(values)
    deviation = float(values.std(ddof=1))
    half = Z_975 * deviation / math.sqrt(len(values))
    return Spread(
        mean=Estimate(mean, mean - half, mean + half),
        standard_deviation=deviation,
        percentiles=tuple(_percentile(ordered, percent) for percent in percents),
    )


def _percentile(ordered: Floats, percent: float) -> Estimate:
    """Give the smallest value that at least `percent` per cent do not exceed."""
    rank = max(1, math.ceil(percent / 100 * len(ordered) - 1e-9))
    low, high = percentile_ranks(percent / 100, len(ordered))
    return Estimate(
        float(ordered[rank - 1]),
        None if low is None else float(ordered[low - 1]),
        None if high is None else float(ordered[high - 1]),
    )


def _probability(hits: int, trials: int) -> Estimate:
    lower, upper = proportion_interval(hits, trials)
    return Estimate(hits / trials, float(lower), float(upper))
