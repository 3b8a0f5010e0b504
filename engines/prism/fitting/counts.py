"""Families of numbers of things, and their maximum likelihood."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from scipy import special
from scipy.optimize import brentq

from engines.prism.distributions import Floats, NegativeBinomial, Poisson
from engines.prism.fitting.model import DoesNotFit, Model, anything, settled


def _poisson(values: Floats) -> tuple[float]:
    return (float(values.mean()),)


def _poisson_log_probability(values: Floats, rate: float) -> Floats:
    return np.asarray(special.xlogy(values, rate) - rate - special.gammaln(values + 1))


def _negative_binomial(values: Floats) -> tuple[float, float]:
    """Fit the mean by the sample's and the size by the root of its score.

    Source: Klugman, Panjer and Willmot, Loss Models (4th ed., Wiley 2012), section 14.2 (maximum
    likelihood for the negative binomial). Without more variance than a mean the score has none.
    """
    mean = float(values.mean())
    counts, times = np.unique(values, return_counts=True)

    def score(log_size: float) -> float:
        size = math.exp(log_size)
        ends = special.digamma(counts + size) - special.digamma(size)
        return float((times * ends).sum() / values.size) - math.log1p(mean / size)

    low = math.log(NegativeBinomial.SMALLEST_SIZE)
    high = math.log(NegativeBinomial.LARGEST_SIZE)
    if values.var() <= mean or score(high) >= 0:
        return mean, NegativeBinomial.LARGEST_SIZE
    if score(low) <= 0:
        return mean, NegativeBinomial.SMALLEST_SIZE
    return mean, math.exp(brentq(score, low, high, xtol=1e-12))


def _negative_binomial_log_probability(values: Floats, mean: float, size: float) -> Floats:
    ways = special.gammaln(values + size) - special.gammaln(size) - special.gammaln(values + 1)
    stay = -size * math.log1p(mean / size)
    return np.asarray(ways + stay + special.xlogy(values, mean / (size + mean)))


def _check_negative_binomial(values: Floats, parameters: tuple[float, ...]) -> None:
    if parameters[1] >= NegativeBinomial.LARGEST_SIZE:
        raise DoesNotFit("has no more to offer than a Poisson: the variance is not above the mean")
    if parameters[1] <= NegativeBinomial.SMALLEST_SIZE:
        raise DoesNotFit("would need a size below 0.01")


COUNTS: Final[tuple[Model, ...]] = (
    Model(
        name="poisson", parameters=("rate",), estimate=_poisson,
        log_density=_poisson_log_probability, make=Poisson, check=settled, takes=anything,
    ),
    Model(
        name="negativeBinomial", parameters=("mean", "size"), estimate=_negative_binomial,
        log_density=_negative_binomial_log_probability, make=NegativeBinomial,
        check=_check_negative_binomial, takes=anything,
    ),
)  # fmt: skip
