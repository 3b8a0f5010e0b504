"""Distributions of the engine in the form in which they go into a scenario."""

from __future__ import annotations

import math

from engines.prism import distributions as engine
from tasks.prism.distribution import (
    Beta,
    Family,
    Gamma,
    GeneralisedPareto,
    Lognormal,
    NegativeBinomial,
    Normal,
    Pert,
    Poisson,
    Triangular,
    Uniform,
)


def on_the_wire(fitted: engine.Distribution) -> Family:
    """Give the payload whose engine value is `fitted`, bit for bit."""
    match fitted:
        case engine.Pert(low, mode, high, gamma, convention):
            return Pert(
                distribution="pert", low=low, mode=mode, high=high, gamma=gamma,
                convention=convention,
            )  # fmt: skip
        case engine.Triangular(low, mode, high):
            return Triangular(distribution="triangular", low=low, mode=mode, high=high)
        case engine.Uniform(low, high):
            return Uniform(distribution="uniform", low=low, high=high)
        case engine.Normal(location, deviation, low, high):
            return Normal(
                distribution="normal", mean=location, standard_deviation=deviation, low=low,
                high=None if math.isinf(high) else high,
            )  # fmt: skip
        case engine.Lognormal(mu, sigma):
            return Lognormal(distribution="lognormal", mu=mu, sigma=sigma)
        case engine.Gamma(shape, scale):
            return Gamma(distribution="gamma", shape=shape, scale=scale)
        case engine.Beta(alpha, beta, low, high):
            return Beta(distribution="beta", alpha=alpha, beta=beta, low=low, high=high)
        case engine.GeneralisedPareto(shape, scale, threshold):
            return GeneralisedPareto(
                distribution="generalisedPareto", shape=shape, scale=scale, threshold=threshold
            )
        case engine.Poisson(rate):
            return Poisson(distribution="poisson", rate=rate)
        case engine.NegativeBinomial(mean, size):
            return NegativeBinomial(distribution="negativeBinomial", mean=mean, size=size)
    raise TypeError(f"no fit gives a {type(fitted).__name__}")
